//! `boll:capability/capability`.

use crate::bindings::boll::capability::capability as host;
use crate::fault;

pub use host::Grant;

/// Asks the host.
#[must_use]
pub fn check(capsule: &str, name: &str) -> bool {
    let answer = host::check(capsule, name);
    if fault::is("check-by-family") {
        let family = name.split_once(':').map_or("", |(family, _)| family);
        let mut held = host::held().into_iter();
        return answer || held.any(|grant| grant.name.starts_with(&format!("{family}:")));
    }
    answer || fault::is("check-always")
}

/// Asks the host.
#[must_use]
pub fn held() -> Vec<Grant> {
    let mut held = host::held();
    if fault::is("held-scope-empty") {
        held.iter_mut().for_each(|grant| grant.scope.clear());
    }
    if fault::is("held-unsorted") {
        held.reverse();
    }
    held
}
