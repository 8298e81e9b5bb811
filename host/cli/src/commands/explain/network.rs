//! `boll explain CAPSULE network`: a connection that the capsule would make.

use std::fmt;

use boll_host::policy::{Denial, DenialReason, Endpoint, HostPattern, PortPattern};
use serde::Serialize;

use super::{Grounds, Subject, conclude, row};
use crate::args::{Arguments, Explain, ExplainNetwork};
use crate::failure::{Code, Done, Failure};
use crate::report::reporter::Reporter;

pub(super) fn run(
    network: &ExplainNetwork,
    explain: &Explain,
    arguments: &Arguments,
    reporter: &Reporter,
) -> Done {
    let to = destination(&network.to)?;
    let subject = Subject::open(explain, arguments, reporter)?;
    let decision = subject.permissions().decide_network(&to);
    let denials: Vec<&Denial> = decision.missing().collect();
    let explanation = Explanation {
        allowed: decision.is_allowed(),
        to: to.to_string(),
        grounds: Grounds::of(&decision, &subject, |request| {
            subject.request(request.line, &request.endpoint)
        }),
        leads: leads(&to),
    };
    let mut hints = Vec::new();
    if denials
        .iter()
        .any(|denial| denial.reason == DenialReason::HostNotRequested)
    {
        let host = toml_edit::Value::from(to.host.to_string());
        hints.push(subject.how_to_ask(&format!("[[network]]\nhost = {host}\nport = {}", to.port)));
    }
    hints.extend(subject.how_to_allow(&denials));
    conclude(&explanation, &subject, arguments.output, &denials, hints)
}

/// One port of one host.
fn destination(text: &str) -> Done<Endpoint> {
    let to: Endpoint = text
        .parse()
        .map_err(|error| Failure::from_error(Code::Input, &error))?;
    let one = matches!(to.host, HostPattern::Name(_) | HostPattern::Address(_))
        && matches!(to.port, PortPattern::One(_));
    if one {
        Ok(to)
    } else {
        Err(Failure::new(
            Code::Input,
            format!("`{text}` is not one port of one host"),
        ))
    }
}

/// What a name may lead to.
fn leads(to: &Endpoint) -> Option<&'static str> {
    match &to.host {
        HostPattern::Name(name) if name.is_local() => Some("to addresses of this machine only"),
        HostPattern::Name(_) => {
            Some("to public addresses only, and to others that are asked for and granted")
        }
        _ => None,
    }
}

/// A decision in words.
#[derive(Serialize)]
struct Explanation {
    allowed: bool,
    to: String,
    #[serde(flatten)]
    grounds: Grounds,
    /// What addresses its name may lead to.
    #[serde(skip_serializing_if = "Option::is_none")]
    leads: Option<&'static str>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.grounds.verdict(f, format_args!("{}", self.to))?;
        self.grounds.rows(f)?;
        match self.leads {
            Some(leads) => row(f, "leads", &leads),
            None => Ok(()),
        }
    }
}
