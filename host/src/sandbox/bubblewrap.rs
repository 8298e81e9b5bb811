//! Bubblewrap as the program that builds sandboxes.

use std::ffi::OsString;
use std::path::PathBuf;

use super::Builder;
use super::detect;
use super::plan::{self, Shape};

const INSTALL: &str = "install the package `bubblewrap` (for example `apt install bubblewrap` or \
                       `dnf install bubblewrap`)";
const UPDATE: &str = "install a newer bubblewrap: 0.10, or a distribution's 0.8 with --bind-fd";
const APPARMOR: &str = "allow bubblewrap to make user namespaces: install an AppArmor profile for \
                        it (Ubuntu: the package `apparmor-profiles`, profile \
                        `bwrap-userns-restrict`), or set the sysctl \
                        kernel.apparmor_restrict_unprivileged_userns to 0";
const SYSCTL_MAX: &str = "set the sysctl user.max_user_namespaces above 0";
const SYSCTL_CLONE: &str = "set the sysctl kernel.unprivileged_userns_clone to 1";
const CONTAINER: &str = "if this is a container, allow it to make user namespaces and to mount \
                         proc, or run the host outside of it";

/// Bubblewrap, in one of the places where systems install it.
#[derive(Debug)]
pub(super) struct Bubblewrap {
    candidates: Vec<PathBuf>,
}

impl Bubblewrap {
    pub(super) fn new() -> Self {
        Self::in_places(detect::BUBBLEWRAP.map(PathBuf::from).into())
    }

    pub(super) fn in_places(candidates: Vec<PathBuf>) -> Self {
        Self { candidates }
    }
}

impl Builder for Bubblewrap {
    fn program(&self) -> Option<PathBuf> {
        detect::program(&self.candidates)
    }

    fn arguments(&self, shape: &Shape<'_>) -> Vec<OsString> {
        plan::arguments(shape)
    }

    fn how_to_install(&self) -> &'static str {
        INSTALL
    }

    fn how_to_fix(&self, complaint: &str) -> Option<&'static str> {
        if complaint.contains("Unknown option") {
            return Some(UPDATE);
        }
        let set_to = |name, value| detect::kernel_setting(name).as_deref() == Some(value);
        if set_to("kernel/apparmor_restrict_unprivileged_userns", "1") {
            return Some(APPARMOR);
        }
        if set_to("user/max_user_namespaces", "0") {
            return Some(SYSCTL_MAX);
        }
        if set_to("kernel/unprivileged_userns_clone", "0") {
            return Some(SYSCTL_CLONE);
        }
        let refused = ["Operation not permitted", "Permission denied", "namespace"];
        refused
            .iter()
            .any(|text| complaint.contains(text))
            .then_some(CONTAINER)
    }
}
