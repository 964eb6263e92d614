#!/bin/sh
# Install the real programs that the tests of this folder start: Redis, the node bcoin (which runs on Node.js),
# ZeroMQ's own library, through Python, to publish what a node would, and the mail server aiosmtpd.
# Quick when all is there, and safe to run again. Where apt-get cannot be used it says what to install, and fails.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

say() {
    printf 'setup: %s\n' "$*"
}

# The first Python that has a module; Debian's packages are for Debian's own Python, whichever one is first on the PATH.
has_python_module() {
    for python in python3 /usr/bin/python3; do
        "$python" -c "import $1" >/dev/null 2>&1 && return 0
    done
    return 1
}

# Names of the Debian packages whose programs are not on the PATH.
missing=''
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v node >/dev/null 2>&1 || missing="$missing nodejs"
command -v npm >/dev/null 2>&1 || missing="$missing npm"
has_python_module zmq || missing="$missing python3-zmq"
has_python_module aiosmtpd || missing="$missing python3-aiosmtpd"

# Runs a command as root, or fails.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

can_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; }
}

# The tests start a Redis of their own; the distribution's service must not come up because of them. Debian asks this
# file before it starts the service of a new package. One that is already there is the owner's, and stays.
policy=/usr/sbin/policy-rc.d
policy_is_ours=no
remove_policy() {
    [ "$policy_is_ours" = no ] || as_root rm -f "$policy"
    policy_is_ours=no
}
trap remove_policy EXIT
trap 'exit 1' HUP INT TERM

install_packages() {
    say "installing$missing"
    if [ ! -e "$policy" ]; then
        policy_is_ours=yes
        as_root sh -c "printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy"
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
    # shellcheck disable=SC2086 # one word for each package
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
    remove_policy
    case "$missing" in
    *redis-server*)
        # Nor is the service to start at the next boot.
        if command -v systemctl >/dev/null 2>&1; then
            as_root systemctl disable redis-server >/dev/null 2>&1 || true
        fi
        ;;
    esac
}

if [ -n "$missing" ]; then
    if can_install; then
        install_packages
    else
        say "please install:$missing"
        say "on Debian or Ubuntu: sudo apt-get install --no-install-recommends$missing"
        exit 1
    fi
fi

# `npm ci` always starts from nothing, so it runs only when the installed packages are not those of the lock file.
cd "$here/bcoin"
stamp=node_modules/.installed-from
wanted=$(cat package.json package-lock.json .npmrc | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
    say 'installing the node bcoin'
    npm ci --no-audit --no-fund
    printf '%s\n' "$wanted" >"$stamp"
fi
say 'Redis, bcoin, ZeroMQ and aiosmtpd are ready'
