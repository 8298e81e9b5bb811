//! The hosts that a capsule reaches: what of its requests is granted.

use core::net::IpAddr;

use super::{Endpoint, HostName, HostPattern, NetworkRequest, is_public};
use crate::policy::index::Index;
use crate::policy::{Decision, Denial, DenialReason, Grant, Held, MatchedRequest, Permissions};

impl<'a> Permissions<'a> {
    /// Judges a connection to one port of one name or address.
    #[must_use]
    pub fn decide_network(&self, to: &Endpoint) -> Decision<'a, NetworkRequest> {
        let mut requests = MatchedRequest::each(&self.requests.network);
        let request = requests.find(|request| request.endpoint.covers(to));
        let rule =
            self.rule(|grant| matches!(grant, Grant::Network(granted) if granted.covers(to)));
        let not_asked = request.is_none().then(|| Denial {
            capability: format!("network:{to}"),
            reason: DenialReason::HostNotRequested,
        });
        let not_granted = rule.is_none().then(|| {
            let grant = request.as_ref().map_or(to, |request| &request.endpoint);
            Denial {
                capability: format!("network:{to}"),
                reason: DenialReason::NotGranted(Grant::Network(grant.clone())),
            }
        });
        let missing = not_asked.into_iter().chain(not_granted);
        Decision::new(request, rule, missing, || ())
    }

    /// Whether a name may be looked up: something that it is asked for, and
    /// granted, at some port.
    #[must_use]
    pub fn may_look_up(&self, name: &HostName) -> bool {
        let host = HostPattern::Name(name.clone());
        self.reachable_at(&host)
    }

    /// Whether an address that a name led to may be used for it, at some port
    /// when none is given: a public one, an own one of a local name, or one that
    /// may be reached as an address.
    #[must_use]
    pub fn may_lead_to(&self, name: &HostName, address: IpAddr, port: Option<u16>) -> bool {
        let fits = if name.is_local() {
            address.is_loopback()
        } else {
            is_public(address)
        };
        let host = HostPattern::Address(address);
        fits || match port {
            Some(port) => {
                let to = Endpoint::exactly(host, port);
                self.decide_network(&to).is_allowed()
            }
            None => self.reachable_at(&host),
        }
    }

    /// Whether a host is both asked for and granted, at some port.
    fn reachable_at(&self, host: &HostPattern) -> bool {
        let requests = self.requests.network.iter();
        let asked = requests.filter(|request| request.endpoint.host.covers(host));
        let asked: Vec<&Endpoint> = asked.map(|request| &request.endpoint).collect();
        let mut granted = self.granted_endpoints();
        granted.any(|granted| {
            granted.host.covers(host) && asked.iter().any(|asked| granted.and(asked).is_some())
        })
    }

    fn granted_endpoints(&self) -> impl Iterator<Item = &'a Endpoint> {
        self.grants.iter().filter_map(|grant| match grant {
            Grant::Network(granted) => Some(granted),
            _ => None,
        })
    }

    /// What is granted of each request.
    fn reachable(&self) -> impl Iterator<Item = (&'a NetworkRequest, Vec<Endpoint>)> {
        let granted = Index::of(self.granted_endpoints(), Endpoint::only_name);
        self.requests.network.iter().map(move |request| {
            let asked = &request.endpoint;
            let near = granted.near(asked.only_name().as_deref());
            (request, near.filter_map(|one| one.and(asked)).collect())
        })
    }

    /// The grants without which some `[[network]]` is not usable.
    pub(in crate::policy) fn missing_network(&self) -> impl Iterator<Item = Grant> {
        let requests = self.reachable();
        let unreachable = requests.filter(|(_, granted)| granted.is_empty());
        unreachable.map(|(request, _)| request.as_grant())
    }

    /// What the capsule holds of hosts.
    pub(in crate::policy) fn held_network(&self) -> impl Iterator<Item = Held> {
        let endpoints = self.reachable().flat_map(|(_, granted)| granted);
        endpoints.map(|endpoint| Held {
            name: format!("network:{endpoint}"),
            scope: endpoint.to_string(),
        })
    }
}

#[cfg(test)]
mod tests;
