//! `[[network]]`: the hosts and ports that a capsule asks for.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use crate::document::{Document, DocumentError};
use crate::policy::{Endpoint, HostPattern, NetworkRequest, PortPattern};

/// A request as manifests write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNetwork {
    host: Spanned<String>,
    port: Spanned<toml::Value>,
}

/// Returns the requests with their lines.
pub(super) fn check(
    document: &Document<'_>,
    raw: Vec<Spanned<RawNetwork>>,
) -> Result<Vec<NetworkRequest>, DocumentError> {
    let mut requests: Vec<NetworkRequest> = Vec::new();
    let mut seen = BTreeSet::new();
    for request in raw {
        let span = request.span();
        let RawNetwork { host, port } = request.into_inner();
        let host: HostPattern = host
            .get_ref()
            .parse()
            .map_err(|error| document.error(Some(host.span()), format!("{error}")))?;
        let text = match port.get_ref() {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let port: PortPattern = text
            .parse()
            .map_err(|error| document.error(Some(port.span()), format!("{error}")))?;
        let endpoint = Endpoint { host, port };
        if !seen.insert(endpoint.clone()) {
            let message = format!("the host and port `{endpoint}` are listed twice");
            return Err(document.error(Some(span), message));
        }
        requests.push(NetworkRequest {
            endpoint,
            line: Some(document.line(span.start)),
        });
    }
    Ok(requests)
}
