//! Hosts and ports: what a manifest asks for, what a grant gives, and what comes
//! of the two.
//!
//! A name is public: it leads to addresses that anybody on the internet may
//! have. So whoever owns a name cannot make it lead into the host's own network.
//! An address of that network has to be asked for and granted as an address.

mod address;
mod host_name;

use core::net::IpAddr;
use std::fmt;
use std::str::FromStr;

pub use address::is_public;
pub use host_name::{HostName, InvalidHostName};

use super::index::Index;
use super::{Decision, Denial, DenialReason, Grant, Held, MatchedRequest, Permissions};

/// A host as manifests and grants name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostPattern {
    /// `*`: every public name and address.
    Any,
    /// `*.example.com`: every name below it.
    Below(HostName),
    /// One name.
    Name(HostName),
    /// One address.
    Address(IpAddr),
}

/// A port as manifests and grants name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PortPattern {
    /// `*`
    Any,
    /// One port, not 0.
    One(u16),
}

/// A host and a port: `api.example.com:443`, `*.example.com:*`, `[::1]:80`.
///
/// ```
/// use boll_host::policy::Endpoint;
///
/// let wide: Endpoint = "*.example.com:*".parse()?;
/// let narrow: Endpoint = "api.example.com:443".parse()?;
/// assert!(wide.covers(&narrow) && !narrow.covers(&wide));
/// # Ok::<(), boll_host::policy::InvalidEndpoint>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// The host.
    pub host: HostPattern,
    /// The port.
    pub port: PortPattern,
}

/// Why a text names no host or no port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEndpoint {
    /// The host.
    #[error("{0}; `*.example.com` are all names below one, `*` is every public host")]
    Host(#[from] InvalidHostName),
    /// The port.
    #[error("`{0}` is not a port: write 1 to 65535, or `*`")]
    Port(String),
    /// There is no port, or an address of IPv6 without brackets.
    #[error("`{0}` is not HOST:PORT; an address of IPv6 stands in brackets")]
    Form(String),
}

/// One `[[network]]` of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkRequest {
    /// What it connects to.
    pub endpoint: Endpoint,
    /// The line of the manifest where it begins, counted from 1; `None` when it
    /// was not read from one.
    pub line: Option<usize>,
}

impl NetworkRequest {
    /// The narrowest grant that allows this.
    #[must_use]
    pub fn as_grant(&self) -> Grant {
        Grant::Network(self.endpoint.clone())
    }
}

impl HostPattern {
    /// Whether all hosts of `other` are hosts of this one.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, Self::Any) => true,
            (Self::Any, Self::Below(name) | Self::Name(name)) => !name.is_local(),
            (Self::Any, Self::Address(address)) => is_public(*address),
            (Self::Below(zone), Self::Below(name)) => zone == name || name.is_below(zone),
            (Self::Below(zone), Self::Name(name)) => name.is_below(zone),
            (mine, theirs) => mine == theirs,
        }
    }
}

impl PortPattern {
    fn covers(self, other: Self) -> bool {
        self == Self::Any || self == other
    }
}

impl Endpoint {
    /// One port of one host.
    #[must_use]
    pub fn exactly(host: HostPattern, port: u16) -> Self {
        Self {
            host,
            port: PortPattern::One(port),
        }
    }

    /// Whether everything that `other` names is named by this one too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.host.covers(&other.host) && self.port.covers(other.port)
    }

    /// What it lets a capsule do.
    pub(super) fn effect(&self) -> String {
        let host = match &self.host {
            HostPattern::Any => "every public host".to_owned(),
            host => host.to_string(),
        };
        match self.port {
            PortPattern::Any => format!("connects to {host} at every port"),
            PortPattern::One(port) => format!("connects to {host} at port {port}"),
        }
    }

    /// The only name that it names, if it names no other.
    fn only_name(&self) -> Option<String> {
        match &self.host {
            HostPattern::Name(name) => Some(name.to_string()),
            _ => None,
        }
    }

    /// What both name.
    fn and(&self, other: &Self) -> Option<Self> {
        let host = if self.host.covers(&other.host) {
            &other.host
        } else if other.host.covers(&self.host) {
            &self.host
        } else {
            return None;
        };
        let port = match (self.port, other.port) {
            (PortPattern::Any, port) | (port, PortPattern::Any) => port,
            (mine, theirs) if mine == theirs => mine,
            _ => return None,
        };
        Some(Self {
            host: host.clone(),
            port,
        })
    }
}

impl FromStr for HostPattern {
    type Err = InvalidHostName;

    fn from_str(text: &str) -> Result<Self, InvalidHostName> {
        if text == "*" {
            return Ok(Self::Any);
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Address(address.to_canonical()));
        }
        match text.strip_prefix("*.") {
            Some(zone) => zone.parse().map(Self::Below),
            None => text.parse().map(Self::Name),
        }
    }
}

impl FromStr for PortPattern {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            _ if text == "*" => Ok(Self::Any),
            Ok(port) if port > 0 && digits => Ok(Self::One(port)),
            _ => Err(InvalidEndpoint::Port(text.to_owned())),
        }
    }
}

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        let form = || InvalidEndpoint::Form(text.to_owned());
        let (host, port) = text.rsplit_once(':').ok_or_else(form)?;
        let inside = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let host = match inside {
            Some(inside) if inside.contains(':') => inside.parse()?,
            None if !host.contains([':', '[', ']']) => host.parse()?,
            _ => return Err(form()),
        };
        Ok(Self {
            host,
            port: port.parse()?,
        })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Below(zone) => write!(f, "*.{zone}"),
            Self::Name(name) => name.fmt(f),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl fmt::Display for PortPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::One(port) => port.fmt(f),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            HostPattern::Address(IpAddr::V6(address)) => write!(f, "[{address}]:{}", self.port),
            host => write!(f, "{host}:{}", self.port),
        }
    }
}

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

    /// The grants without which some `[[network]]` is of no use.
    pub(super) fn missing_network(&self) -> impl Iterator<Item = Grant> {
        let requests = self.reachable();
        let unreachable = requests.filter(|(_, granted)| granted.is_empty());
        unreachable.map(|(request, _)| request.as_grant())
    }

    /// What the capsule holds of hosts.
    pub(super) fn held_network(&self) -> impl Iterator<Item = Held> {
        let endpoints = self.reachable().flat_map(|(_, granted)| granted);
        endpoints.map(|endpoint| Held {
            name: format!("network:{endpoint}"),
            scope: endpoint.to_string(),
        })
    }
}

#[cfg(test)]
mod tests;
