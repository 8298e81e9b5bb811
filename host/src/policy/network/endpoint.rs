//! Hosts and ports, exactly or by a pattern; as a grant, how they are written.

use core::net::IpAddr;
use std::fmt;
use std::str::FromStr;

use super::{HostName, InvalidHostName, is_public};

/// A host as manifests and grants name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
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
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// The host.
    #[error("{0}; `*.example.com` are all names below one, `*` is every public host")]
    Host(InvalidHostName),
    /// The port.
    #[error("`{0}` is not a port: write 1 to 65535, or `*`")]
    Port(String),
    /// There is no port, or an address of IPv6 without brackets.
    #[error("`{0}` is not HOST:PORT; an address of IPv6 stands in brackets")]
    Form(String),
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
    pub(in crate::policy) fn effect(&self) -> String {
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
    pub(super) fn only_name(&self) -> Option<String> {
        match &self.host {
            HostPattern::Name(name) => Some(name.to_string()),
            _ => None,
        }
    }

    /// What both name.
    pub(super) fn and(&self, other: &Self) -> Option<Self> {
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
        let host: Result<HostPattern, _> = match inside {
            Some(inside) if inside.contains(':') => inside.parse(),
            None if !host.contains([':', '[', ']']) => host.parse(),
            _ => return Err(form()),
        };
        Ok(Self {
            host: host.map_err(InvalidEndpoint::Host)?,
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
