//! `boll explain CAPSULE network`: a connection that the capsule would make.

use boll_host::policy::{DenialReason, Endpoint, HostPattern, PortPattern};
use clap::Args;
use serde_json::json;

use super::{Subject, Use};
use crate::failure::{Code, Done, Failure, OrFail as _};

/// `boll explain CAPSULE network`.
#[derive(Debug, Args)]
pub(super) struct Network {
    /// The host and the port
    #[arg(value_name = "HOST:PORT")]
    to: String,
}

impl Network {
    pub(super) fn explain<'a>(&self, open: impl FnOnce() -> Done<Subject<'a>>) -> Done {
        let to = destination(&self.to)?;
        let subject = open()?;
        let decision = subject.permissions().decide_network(&to);
        let mut denials = decision.missing();
        let unasked = denials.any(|denial| denial.reason == DenialReason::HostNotRequested);
        let hints = unasked.then(|| {
            let host = toml_edit::Value::from(to.host.to_string());
            subject.how_to_ask(&format!("[[network]]\nhost = {host}\nport = {}", to.port))
        });
        let leads = leads(&to);
        let mut keys = json!({ "to": to.to_string() });
        if let Some(leads) = leads {
            keys["leads"] = leads.into();
        }
        subject.conclude(
            &decision,
            Use {
                title: to.to_string(),
                keys,
                asks: |request| (request.line, request.endpoint.to_string()),
                candidates: None,
                above: Vec::new(),
                below: leads
                    .map(|leads| ("leads", leads.to_owned()))
                    .into_iter()
                    .collect(),
                hints: hints.into_iter().collect(),
            },
        )
    }
}

/// Returns one port of one host.
fn destination(text: &str) -> Done<Endpoint> {
    let to: Endpoint = text.parse().or_code(Code::Input)?;
    let one = matches!(to.host, HostPattern::Name(_) | HostPattern::Address(_))
        && matches!(to.port, PortPattern::One(_));
    one.then_some(to).ok_or_else(|| {
        let text = format!("`{text}` is not one port of one host");
        Failure::new(Code::Input, text)
    })
}

/// Returns the addresses that a name may lead to.
fn leads(to: &Endpoint) -> Option<&'static str> {
    match &to.host {
        HostPattern::Name(name) if name.is_local() => Some("to addresses of this machine only"),
        HostPattern::Name(_) => {
            Some("to public addresses only, and to others that are asked for and granted")
        }
        _ => None,
    }
}
