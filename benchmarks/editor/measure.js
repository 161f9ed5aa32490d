// What benchmarks/editor.py calls inside of both pages.
window.measure = {
  /** Milliseconds from the navigation until the first nodes are painted. */
  ready() {
    return new Promise((done) => {
      const look = () => {
        const drawn = document.querySelectorAll(".react-flow__node").length > 0;
        const view = document.querySelector(".react-flow__viewport");
        const fitted = view !== null && !/scale\(1\)/.test(view.style.transform);
        if (drawn && fitted) requestAnimationFrame(() => done(performance.now()));
        else if (performance.now() > 60_000) done(null);
        else requestAnimationFrame(look);
      };
      look();
    });
  },

  /** Calls `step` with the frame's number, once a frame; gives the times of the frames. */
  frames(duration, step) {
    return new Promise((done) => {
      const times = [];
      const tick = (now) => {
        times.push(now);
        step(times.length);
        if (now - times[0] < duration) requestAnimationFrame(tick);
        else done(times);
      };
      requestAnimationFrame(tick);
    });
  },

  send(target, type, x, y) {
    const more = { bubbles: true, cancelable: true, view: window, clientX: x, clientY: y };
    const held = { ...more, button: 0, buttons: type === "mouseup" ? 0 : 1, isPrimary: true };
    const pointer = { mousedown: "pointerdown", mousemove: "pointermove", mouseup: "pointerup" };
    target.dispatchEvent(new PointerEvent(pointer[type], held));
    target.dispatchEvent(new MouseEvent(type, held));
  },

  /** Where the canvas is empty, looked for from its middle. */
  empty() {
    const pane = document.querySelector(".react-flow__pane");
    for (let far = 0; far < 400; far += 7) {
      for (const [x, y] of [[720 + far, 450], [720, 450 + far], [720 - far, 450], [720, 450 - far]]) {
        if (document.elementFromPoint(x, y) === pane) return [x, y];
      }
    }
    throw new Error("no empty place");
  },

  async held(target, x, y, duration) {
    this.send(target, "mousedown", x, y);
    const times = await this.frames(duration, (n) => {
      const angle = n / 12;
      this.send(window, "mousemove", x + 90 * Math.sin(angle), y + 60 * Math.sin(angle * 0.7));
    });
    this.send(window, "mouseup", x, y);
    return times;
  },

  drag(duration) {
    const middle = (box) => [box.x + box.width / 2, box.y + Math.min(box.height / 2, 12)];
    const off = (node) => {
      const [x, y] = middle(node.getBoundingClientRect());
      return Math.hypot(x - 720, y - 450);
    };
    const all = [...document.querySelectorAll(".react-flow__node")];
    const node = all.sort((a, b) => off(a) - off(b))[0];
    const [x, y] = middle(node.getBoundingClientRect());
    const hit = document.elementFromPoint(x, y);
    return this.held(node.contains(hit) ? hit : node.firstElementChild ?? node, x, y, duration);
  },

  pan(duration) {
    const [x, y] = this.empty();
    return this.held(document.querySelector(".react-flow__pane"), x, y, duration);
  },

  wheel(deltaY) {
    const pane = document.querySelector(".react-flow__pane");
    const at = { bubbles: true, cancelable: true, view: window, clientX: 720, clientY: 450 };
    pane.dispatchEvent(new WheelEvent("wheel", { ...at, deltaY }));
  },

  zoom(duration) {
    return this.frames(duration, (n) => this.wheel(n % 60 < 30 ? -25 : 25));
  },

  /** Zooms in until nodes have about the size they are worked with. */
  async near() {
    const view = document.querySelector(".react-flow__viewport");
    const scale = () => Number(/scale\(([\d.]+)\)/.exec(view.style.transform)?.[1] ?? 1);
    for (let n = 0; n < 200 && scale() < 0.8; n += 1) {
      this.wheel(-60);
      await new Promise((done) => requestAnimationFrame(done));
    }
  },
};
