//! Which versions of an interface a host serves: the rule of semver, as for `wasi:*`.
//!
//! A host of 0.2.x serves the capsules of 0.2.y up to its own x: within `0.2` an interface
//! only grows, so that what a capsule was built with is a part of what the host has.

use semver::Version;

/// How an interface that a component names relates to one that the host has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is the same, or an earlier one that it contains.
    Served,
    /// It is of a later version that is compatible otherwise.
    Later,
    /// It is the same interface in a version that is not compatible.
    Incompatible,
    /// It is another interface.
    Other,
}

/// Compares an interface with its version, such as `boll:log/log@0.2.0`, with one that the
/// host has.
pub(super) fn fit(host: &str, component: &str) -> Fit {
    let (host_name, host_version) = parts(host);
    let (name, version) = parts(component);
    if name != host_name {
        return Fit::Other;
    }
    if version == host_version {
        return Fit::Served;
    }
    let parsed = |version: &str| Version::parse(version).ok();
    let (Some(host), Some(asked)) = (parsed(host_version), parsed(version)) else {
        return Fit::Incompatible;
    };
    // A draft fits to itself only.
    let has_draft = !host.pre.is_empty() || !asked.pre.is_empty();
    if has_draft || series(&host) != series(&asked) {
        return Fit::Incompatible;
    }
    match (asked.minor, asked.patch) <= (host.minor, host.patch) {
        true => Fit::Served,
        false => Fit::Later,
    }
}

fn parts(interface: &str) -> (&str, &str) {
    interface.split_once('@').unwrap_or((interface, ""))
}

/// What has to be equal for two versions to be compatible.
fn series(version: &Version) -> (u64, u64, u64) {
    match (version.major, version.minor) {
        (0, 0) => (0, 0, version.patch),
        (0, minor) => (0, minor, 0),
        (major, _) => (major, 0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_serves_the_versions_up_to_its_own() {
        for (host, component, expected) in [
            ("boll:log/log@0.2.0", "boll:log/log@0.2.0", Fit::Served),
            ("boll:log/log@0.2.1", "boll:log/log@0.2.0", Fit::Served),
            ("boll:log/log@0.2.9", "boll:log/log@0.2.3", Fit::Served),
            ("boll:log/log@0.2.0", "boll:log/log@0.2.1", Fit::Later),
            (
                "boll:log/log@0.3.0",
                "boll:log/log@0.2.0",
                Fit::Incompatible,
            ),
            (
                "boll:log/log@0.2.0",
                "boll:log/log@0.3.0",
                Fit::Incompatible,
            ),
            (
                "boll:log/log@0.2.0",
                "boll:log/log@0.1.9",
                Fit::Incompatible,
            ),
            ("boll:log/log@1.2.3", "boll:log/log@1.1.9", Fit::Served),
            ("boll:log/log@1.2.3", "boll:log/log@1.3.0", Fit::Later),
            (
                "boll:log/log@1.2.3",
                "boll:log/log@2.0.0",
                Fit::Incompatible,
            ),
            (
                "boll:log/log@0.0.2",
                "boll:log/log@0.0.1",
                Fit::Incompatible,
            ),
            (
                "boll:log/log@0.2.1",
                "boll:log/log@0.2.0-rc.1",
                Fit::Incompatible,
            ),
            (
                "boll:log/log@0.2.0-rc.1",
                "boll:log/log@0.2.0-rc.1",
                Fit::Served,
            ),
            ("boll:log/log@0.2.0", "boll:log/log", Fit::Incompatible),
            ("boll:log/log@0.2.0", "boll:log/log@0.2", Fit::Incompatible),
            ("boll:log/log@0.2.0", "boll:log/logs@0.2.0", Fit::Other),
        ] {
            assert_eq!(fit(host, component), expected, "{host} {component}");
        }
    }
}
