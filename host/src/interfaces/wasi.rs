//! The interfaces of WASI 0.2 that capsules may import, by their names.

use semver::Version;

/// The version of WASI whose interfaces this host links. Components that name another
/// version of 0.2 get the same interfaces, as far as these have what they use.
pub const WASI_VERSION: &str = "0.2.12";

/// Those interfaces, without their version.
pub(crate) const NAMES: [&str; 29] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
];

/// Whether this host has an interface of `wasi` with this name, in whatever version.
pub(crate) fn is_known(interface: &str) -> bool {
    let name = interface.split('@').next().unwrap_or(interface);
    NAMES.contains(&name)
}

/// Why this host does not have an interface of `wasi`; `None` when it has.
pub(crate) fn refusal(interface: &str) -> Option<String> {
    let (name, version) = interface.split_once('@').unwrap_or((interface, ""));
    let parsed = Version::parse(version).ok();
    let minor = parsed
        .as_ref()
        .map(|version| (version.major, version.minor));
    if minor == Some((0, 3)) {
        return Some(format!(
            "`{interface}`, which is WASI 0.3; this host has WASI 0.2: build the component for that \
             (for Rust the target wasm32-wasip2)"
        ));
    }
    if !NAMES.contains(&name) {
        return Some(format!(
            "`{interface}`, which is not among the interfaces of WASI that this host has"
        ));
    }
    let is_final = parsed.is_some_and(|version| version.pre.is_empty());
    (minor != Some((0, 2)) || !is_final)
        .then(|| format!("`{interface}`; the host has version {WASI_VERSION} of it"))
}
