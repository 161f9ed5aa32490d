"""The order in which nodes can run, and the circles that keep them from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

__all__ = ["circles", "in_order"]


def in_order(sources: Mapping[str, Sequence[str]]) -> list[str]:
    """The nodes, each after all of its sources; those in or behind a circle are left out.

    Among nodes that may come next, those come first whose last source came first (Kahn 1962,
    "Topological sorting of large networks").
    """
    missing: dict[str, int] = {}
    followers: dict[str, list[str]] = {}
    order: list[str] = []
    for name, linked in sources.items():
        if linked:
            missing[name] = len(linked)
            for source in linked:
                if source in followers:
                    followers[source].append(name)
                else:
                    followers[source] = [name]
        else:
            order.append(name)
    for name in order:  # it grows while it is walked
        for follower in followers.get(name, ()):
            missing[follower] -= 1
            if not missing[follower]:
                order.append(follower)
    return order


def circles(sources: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """One circle of every part of the graph that has any, as the nodes along the links."""
    import networkx as nx  # loading it takes longer than most plans; circles are rare

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sources)
    graph.add_edges_from((source, name) for name in graph for source in sources[name])
    for component in nx.strongly_connected_components(graph):
        inside = graph.subgraph(component)
        if len(component) > 1 or inside.number_of_edges():
            yield [edge[0] for edge in nx.find_cycle(inside)]
