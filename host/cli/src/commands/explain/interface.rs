//! `boll explain CAPSULE interface`: an interface of the host's own that the capsule would
//! use. Whether a host has it depends on the program that embeds the library.

use boll_host::policy::{DenialReason, InterfaceName};
use clap::Args;
use serde_json::json;

use super::{Subject, Use};
use crate::failure::{Code, Done, OrFail as _};

/// `boll explain CAPSULE interface`.
#[derive(Debug, Args)]
pub(super) struct Interface {
    /// The interface, without a version, such as acme:keyvalue/store
    name: String,
}

impl Interface {
    pub(super) fn explain<'a>(&self, open: impl FnOnce() -> Done<Subject<'a>>) -> Done {
        let name: InterfaceName = self.name.parse().or_code(Code::Input)?;
        let subject = open()?;
        let decision = subject.permissions().decide_interface(&name);
        let mut denials = decision.missing();
        let unasked = denials.any(|denial| denial.reason == DenialReason::InterfaceNotRequested);
        let asking = format!("[[interface]]\nname = \"{name}\"");
        let hints = unasked.then(|| subject.how_to_ask(&asking));
        subject.conclude(
            &decision,
            Use {
                title: format!("interface {name}"),
                keys: json!({ "use": "interface", "interface": name.as_str() }),
                asks: |request| (request.line, request.name.to_string()),
                candidates: None,
                above: Vec::new(),
                below: Vec::new(),
                hints: hints.into_iter().collect(),
            },
        )
    }
}
