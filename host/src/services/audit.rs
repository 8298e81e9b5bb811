//! Audit: every judgement about what a capsule asks for, as it is made.
//!
//! The log tells an operator what happened; this tells an embedder by which
//! request of the manifest something was allowed, or what was missing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::log::Origin;
use crate::cause::panic_text;
use crate::policy::{
    Decision, Denial, DenialReason, FilesRequest, InterfaceRequest, MatchedRequest, NetworkRequest,
    ProcessRequest, PublishRequest, Subscription,
};

/// Receives policy decisions.
///
/// It is called where the capsule waits for the judgement, so it must not block. A panic
/// loses that one event, which is reported to `tracing` with their number; the capsule does
/// not notice.
pub trait AuditSink: Send + Sync + 'static {
    /// Receives one.
    fn judged(&self, event: AuditEvent);
}

/// One judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditEvent {
    /// Who asked, on whose behalf, in which call.
    pub origin: Arc<Origin>,
    /// The capability, for example `process:git`, `publish:notes.saved`,
    /// `subscribe:notes.save`, `files:/data`, `network:example.com:443`,
    /// `interface:acme:keyvalue/store` or `config:limit`.
    pub capability: String,
    /// The request of the manifest that allowed it. `None` when it was refused,
    /// and for a name that was only looked up.
    pub request: Option<Requested>,
    /// Why it was refused; `None` when it was allowed.
    pub refused: Option<String>,
    /// The same for a program, where policy refused it by the manifest and the grants: a
    /// refusal for another reason, such as an address that a name may not lead to, has none.
    pub denial: Option<DenialReason>,
    /// The arguments of a command that was refused; otherwise `None`. There may be secrets
    /// in them.
    pub arguments: Option<Vec<String>>,
}

/// A request of a manifest, by its place among its kind, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Requested {
    /// One of [`Requests::processes`](crate::policy::Requests).
    Process(usize),
    /// One of [`Requests::publish`](crate::policy::Requests).
    Publish(usize),
    /// One of [`Requests::subscribe`](crate::policy::Requests): a publication
    /// reached it.
    Hook(usize),
    /// One of [`Requests::files`](crate::policy::Requests): the folder was given
    /// to an instance. What that opens below it is not reported.
    Files(usize),
    /// One of [`Requests::network`](crate::policy::Requests).
    Network(usize),
    /// One of [`Requests::interfaces`](crate::policy::Requests).
    Interface(usize),
    /// A configuration key, by its name: it was read.
    Config(String),
}

/// Kinds of requests, and what they are in the audit.
macro_rules! requested {
    ($($request:ty: $kind:ident;)+) => {
        $(impl From<MatchedRequest<'_, $request>> for Requested {
            fn from(matched: MatchedRequest<'_, $request>) -> Self {
                Self::$kind(matched.index)
            }
        })+
    };
}

requested! {
    ProcessRequest: Process;
    PublishRequest: Publish;
    Subscription: Hook;
    FilesRequest: Files;
    NetworkRequest: Network;
    InterfaceRequest: Interface;
}

/// What was judged, without who asked.
pub(crate) struct Judgement {
    pub(crate) capability: String,
    pub(crate) request: Option<Requested>,
    pub(crate) refused: Option<String>,
    pub(crate) denial: Option<DenialReason>,
    pub(crate) arguments: Option<Vec<String>>,
}

impl Judgement {
    /// A decision; `capability` names what it allows.
    pub(crate) fn of<'a, R, T>(
        decision: &Decision<'a, R, T>,
        capability: impl FnOnce(&T) -> String,
    ) -> Self
    where
        Requested: From<MatchedRequest<'a, R>>,
    {
        match decision.outcome() {
            Ok(proof) => Self::allowed(capability(proof), decision.request()),
            Err(Denial { capability, reason }) => Self {
                denial: Some(reason.clone()),
                ..Self::refused(capability, reason)
            },
        }
    }

    /// Something that a request allows, or that needs none.
    pub(crate) fn allowed(
        capability: impl Into<String>,
        request: Option<impl Into<Requested>>,
    ) -> Self {
        Self {
            capability: capability.into(),
            request: request.map(Into::into),
            refused: None,
            denial: None,
            arguments: None,
        }
    }

    pub(crate) fn refused(capability: impl Into<String>, reason: impl ToString) -> Self {
        Self {
            capability: capability.into(),
            request: None,
            refused: Some(reason.to_string()),
            denial: None,
            arguments: None,
        }
    }

    /// Adds the arguments of a command, if it was refused.
    pub(crate) fn with_arguments(self, arguments: Option<Vec<String>>) -> Self {
        Self {
            arguments: arguments.filter(|_| self.refused.is_some()),
            ..self
        }
    }
}

/// The embedder's sink, if there is one.
#[derive(Default)]
pub(crate) struct Audit {
    sink: Option<Arc<dyn AuditSink>>,
    /// The events that its panics have lost.
    lost: AtomicU64,
}

impl Audit {
    pub(crate) fn new(sink: Option<Arc<dyn AuditSink>>) -> Self {
        Self {
            sink,
            lost: AtomicU64::new(0),
        }
    }

    /// Whether anybody listens.
    pub(crate) fn listens(&self) -> bool {
        self.sink.is_some()
    }

    /// Reports a decision, which is put into words only when somebody listens.
    pub(crate) fn tell(&self, origin: &Arc<Origin>, judged: impl FnOnce() -> Judgement) {
        let Some(sink) = &self.sink else { return };
        let Judgement {
            capability,
            request,
            refused,
            denial,
            arguments,
        } = judged();
        let event = AuditEvent {
            origin: Arc::clone(origin),
            capability,
            request,
            refused,
            denial,
            arguments,
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| sink.judged(event))) {
            let lost = self.lost.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::error!(lost, "the audit panicked: {}", panic_text(&*panic));
        }
    }
}
