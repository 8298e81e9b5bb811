//! The interfaces that a capsule uses: which of its requests are granted.

use super::{InterfaceName, InterfaceRequest};
use crate::policy::{Decision, Denial, DenialReason, Grant, Held, MatchedRequest, Permissions};

impl<'a> Permissions<'a> {
    /// Judges the use of an interface of the embedder's own.
    #[must_use]
    pub fn decide_interface(&self, name: &InterfaceName) -> Decision<'a, InterfaceRequest> {
        let mut requests = MatchedRequest::each(&self.requests.interfaces);
        let request = requests.find(|request| request.name == *name);
        let rule = self.rule(|grant| matches!(grant, Grant::Interface(granted) if granted == name));
        let not_asked = request.is_none().then(|| Denial {
            capability: Grant::Interface(name.clone()).capability(),
            reason: DenialReason::InterfaceNotRequested,
        });
        let not_granted = rule
            .is_none()
            .then(|| Denial::not_granted(Grant::Interface(name.clone())));
        let missing = not_asked.into_iter().chain(not_granted);
        Decision::new(request, rule, missing, || ())
    }

    /// The grants without which some `[[interface]]` is not usable.
    pub(in crate::policy) fn missing_interfaces(&self) -> impl Iterator<Item = Grant> {
        let requests = self.requests.interfaces.iter();
        let grants = requests.map(InterfaceRequest::as_grant);
        grants.filter(|grant| !self.grants.contains(grant))
    }

    /// What the capsule holds of interfaces.
    pub(in crate::policy) fn held_interfaces(&self) -> impl Iterator<Item = Held> {
        let requests = self.requests.interfaces.iter();
        let held = requests.filter(|request| self.grants.contains(&request.as_grant()));
        held.map(|request| Held {
            name: request.as_grant().capability(),
            scope: request.name.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{GrantSet, Requests};

    fn name(text: &str) -> InterfaceName {
        text.parse().expect(text)
    }

    #[test]
    fn an_interface_needs_a_request_and_a_grant() {
        let request = |text| InterfaceRequest {
            name: name(text),
            line: None,
        };
        let requests = Requests {
            interfaces: vec![request("a:b/asked"), request("a:b/both")],
            ..Requests::default()
        };
        let grants = ["a:b/granted", "a:b/both"].map(|text| Grant::Interface(name(text)));
        let grants = GrantSet::from_iter(grants);
        let permissions = Permissions::new(&requests, &grants);
        let missing = |text| {
            let decision = permissions.decide_interface(&name(text));
            let missing = decision.missing().map(|denial| denial.reason.clone());
            missing.collect::<Vec<_>>()
        };
        let grant = |text| DenialReason::NotGranted(Grant::Interface(name(text)));
        assert_eq!(missing("a:b/both"), []);
        assert_eq!(missing("a:b/asked"), [grant("a:b/asked")]);
        assert_eq!(
            missing("a:b/granted"),
            [DenialReason::InterfaceNotRequested]
        );
        assert_eq!(
            missing("a:b/c"),
            [DenialReason::InterfaceNotRequested, grant("a:b/c")]
        );
        let held: Vec<String> = permissions
            .held()
            .into_iter()
            .map(|held| held.name)
            .collect();
        assert_eq!(held, ["interface:a:b/both"]);
        assert_eq!(
            permissions.missing_access(),
            [Grant::Interface(name("a:b/asked"))]
        );
    }
}
