//! Outgoing `wasi:http`: each request is judged by its host and port before
//! anything is connected.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ::http::Request;
use ::http::uri::{Authority, Scheme};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::NetworkGate;
use crate::policy::{Endpoint, HostName, HostPattern};

/// The most that is written to a body at once, in bytes.
const CHUNK: usize = 64 << 10;

/// Sends what is asked for and granted.
pub(crate) struct HttpGate(Arc<NetworkGate>);

/// What `wasmtime_wasi_http` calls the rest of an exchange.
type Rest = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl HttpGate {
    pub(crate) fn new(gate: Arc<NetworkGate>) -> Self {
        Self(gate)
    }
}

impl WasiHttpHooks for HttpGate {
    /// What is kept of a body that is sent, in the one chunk that there is.
    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _fut: Rest,
    ) -> Box<dyn Future<Output = Result<(::http::Response<WasiBody>, Rest), Error>> + Send> {
        let gate = Arc::clone(&self.0);
        Box::new(async move {
            let request = gate.direct(request).await?;
            let (response, rest) =
                wasmtime_wasi_http::default_send_request(request, options).await?;
            let response = response.map(|body| body.boxed_unsync());
            Ok((response, Box::new(rest) as Rest))
        })
    }
}

impl NetworkGate {
    /// The request, with where it is sent settled, if it may be sent at all.
    async fn direct(&self, request: Request<WasiBody>) -> Result<Request<WasiBody>, Error> {
        let (mut head, body) = request.into_parts();
        let mut uri = head.uri.into_parts();
        let authority = uri.authority.take().ok_or(Error::HttpRequestUriInvalid)?;
        let encrypted = uri.scheme == Some(Scheme::HTTPS);
        let (host, port) = parse(&authority, encrypted).ok_or(Error::HttpRequestUriInvalid)?;
        let to = match (&host, self.check(&host, port).await?) {
            // Connected to by its name again, because the certificate is held
            // against that: one for this name is no service's inside.
            (Host::Name(name), _) if encrypted => format!("{name}:{port}"),
            (_, address) => SocketAddr::new(address, port).to_string(),
        };
        uri.authority = Some(to.parse().map_err(|_| Error::HttpRequestUriInvalid)?);
        head.uri = uri.try_into().map_err(|_| Error::HttpRequestUriInvalid)?;
        Ok(Request::from_parts(head, body))
    }

    /// The addresses of a name. A lookup keeps its thread until there is an answer,
    /// though nobody waits any longer, and counts until then.
    async fn look_up(&self, name: &HostName, port: u16) -> Result<Vec<IpAddr>, Error> {
        let missing = || Error::DestinationNotFound;
        let permit = self.account.lookup().await.ok_or_else(missing)?;
        let name = name.as_str().to_owned();
        let looking = tokio::spawn(async move {
            let found = tokio::net::lookup_host((name, port)).await;
            drop(permit);
            found.map(|found| found.map(|address| address.ip().to_canonical()).collect())
        });
        let found: std::io::Result<Vec<IpAddr>> = looking.await.map_err(|_| missing())?;
        found.map_err(|_| missing())
    }

    /// An address to connect to.
    async fn check(&self, host: &Host, port: u16) -> Result<IpAddr, Error> {
        let pattern = match host {
            Host::Name(name) => HostPattern::Name(name.clone()),
            Host::Address(address) => HostPattern::Address(*address),
        };
        let capsule = self.capsule().ok_or(Error::HttpRequestDenied)?;
        let decision = capsule
            .permissions()
            .decide_network(&Endpoint::exactly(pattern, port));
        if !decision.is_allowed() {
            self.tell(decision.missing());
            return Err(Error::HttpRequestDenied);
        }
        let name = match host {
            Host::Address(address) => {
                self.audit_allowed(&decision);
                return Ok(*address);
            }
            Host::Name(name) => name,
        };
        let mut found = self.look_up(name, port).await?;
        // One has to do; there are more machines without IPv6 than without IPv4.
        found.sort_by_key(IpAddr::is_ipv6);
        let fits = found.iter().find(|address| {
            capsule
                .permissions()
                .may_lead_to(name, **address, Some(port))
        });
        match (fits, found.first()) {
            (Some(address), _) => {
                self.audit_allowed(&decision);
                Ok(*address)
            }
            (None, Some(address)) => {
                self.tell_inside(name, *address);
                Err(Error::DestinationIpProhibited)
            }
            (None, None) => Err(Error::DestinationNotFound),
        }
    }
}

/// Where a request goes.
enum Host {
    Name(HostName),
    Address(IpAddr),
}

/// The host and the port of an authority; `None` when it names none, or a user.
fn parse(authority: &Authority, encrypted: bool) -> Option<(Host, u16)> {
    let host = authority.host();
    let port = match authority.as_str().strip_prefix(host)? {
        "" if encrypted => 443,
        "" => 80,
        port => port.strip_prefix(':')?.parse().ok()?,
    };
    let inside = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let host = match inside.unwrap_or(host).parse::<IpAddr>() {
        Ok(address) => Host::Address(address.to_canonical()),
        Err(_) => Host::Name(host.parse().ok()?),
    };
    Some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_a_host_and_a_port_and_nothing_else() {
        let parsed = |text: &str, encrypted| {
            let authority: Authority = text.parse().ok()?;
            let (host, port) = parse(&authority, encrypted)?;
            let host = match host {
                Host::Name(name) => name.to_string(),
                Host::Address(address) => address.to_string(),
            };
            Some((host, port))
        };
        for (text, encrypted, host, port) in [
            ("Example.COM", true, "example.com", 443),
            ("example.com", false, "example.com", 80),
            ("example.com:8080", true, "example.com", 8080),
            ("127.0.0.1:1", false, "127.0.0.1", 1),
            ("[::1]:1", false, "::1", 1),
            ("[::ffff:10.0.0.1]", false, "10.0.0.1", 80),
        ] {
            assert_eq!(
                parsed(text, encrypted),
                Some((host.to_owned(), port)),
                "{text}"
            );
        }
        for text in [
            "user@example.com",
            "user:word@example.com:80",
            "example.com:",
            "example.com:99999",
            "127.1",
            "0x7f000001",
            "2130706433",
        ] {
            assert_eq!(parsed(text, false), None, "{text}");
        }
    }
}
