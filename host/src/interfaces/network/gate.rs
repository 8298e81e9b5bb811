//! Judges what one instance reaches of the network.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use wasmtime_wasi::sockets::SocketAddrUse;

use crate::capsule::{Account, Capsule, CapsuleUuid};
use crate::host::HostContext;
use crate::interfaces::CallContext;
use crate::locked::lock;
use crate::policy::{
    Decision, Denial, DenialReason, Endpoint, HostName, HostPattern, NetworkRequest,
};
use crate::services::audit::{Judgement, Requested};
use crate::services::log::{CallLog, FieldValue, LineSource, LogLevel};

/// The most addresses that an instance remembers the names of. Further ones
/// cannot be connected to by their names.
const MAX_ADDRESSES: usize = 1024;

/// Judges for one instance.
pub(crate) struct NetworkGate {
    host: Arc<HostContext>,
    capsule: CapsuleUuid,
    /// Whether the manifest asks for any host.
    asks: bool,
    pub(super) account: Arc<Account>,
    log: ArcSwap<CallLog>,
    /// The names that led to an address. A socket knows nothing of them.
    names: Mutex<HashMap<IpAddr, BTreeSet<HostName>>>,
}

impl NetworkGate {
    pub(crate) fn new(call: &CallContext) -> Self {
        Self {
            host: Arc::clone(&call.host),
            capsule: call.capsule.uuid,
            asks: !call.capsule.manifest.requests.network.is_empty(),
            account: Arc::clone(&call.capsule.account),
            log: ArcSwap::new(Arc::clone(&call.log)),
            names: Mutex::default(),
        }
    }

    /// Whether the manifest asks for any host.
    pub(super) fn asks(&self) -> bool {
        self.asks
    }

    /// A socket is refused to a capsule that asks for no host.
    pub(super) fn tell_nothing_asked(&self) {
        self.tell([&Denial {
            capability: "network:*:*".to_owned(),
            reason: DenialReason::HostNotRequested,
        }]);
    }

    /// Refusals from now on are reported as of another call.
    pub(crate) fn turn_to(&self, log: &Arc<CallLog>) {
        self.log.store(Arc::clone(log));
    }

    /// Whether a socket may be used so. Listening is not offered.
    pub(crate) fn allows_socket(&self, address: SocketAddr, use_: SocketAddrUse) -> bool {
        match use_ {
            SocketAddrUse::TcpConnect | SocketAddrUse::UdpSend => self.allows_peer(address, true),
            // What else arrives is dropped, and worth no line.
            SocketAddrUse::UdpReceive => self.allows_peer(address, false),
            // What the system does before it connects or sends.
            SocketAddrUse::TcpBind | SocketAddrUse::UdpBind => {
                let implicit = address.ip().is_unspecified() && address.port() == 0;
                if !implicit {
                    self.tell_listening(address);
                }
                implicit
            }
            SocketAddrUse::TcpListen | SocketAddrUse::TcpAccept => {
                self.tell_listening(address);
                false
            }
        }
    }

    fn allows_peer(&self, address: SocketAddr, tell: bool) -> bool {
        let (ip, port) = (address.ip().to_canonical(), address.port());
        let Some(capsule) = self.capsule() else {
            return false;
        };
        let permissions = capsule.permissions();
        let decision =
            permissions.decide_network(&Endpoint::exactly(HostPattern::Address(ip), port));
        if decision.is_allowed() {
            self.audit_allowed(&decision);
            return true;
        }
        let mut refused = decision;
        for name in self.names_of(ip) {
            let to = Endpoint::exactly(HostPattern::Name(name.clone()), port);
            let decision = permissions.decide_network(&to);
            if !decision.is_allowed() {
                refused = decision;
            } else if permissions.may_lead_to(&name, ip, Some(port)) {
                self.audit_allowed(&decision);
                return true;
            }
        }
        if tell {
            self.tell(refused.missing());
        }
        false
    }

    /// Whether a name may be looked up.
    pub(super) fn allows_lookup(&self, name: &HostName) -> bool {
        let Some(capsule) = self.capsule() else {
            return false;
        };
        let permissions = capsule.permissions();
        let allowed = permissions.may_look_up(name);
        if allowed {
            let log = self.log.load();
            self.host.audit.tell(log.origin(), || {
                Judgement::allowed(format!("network:{name}:*"), None::<Requested>)
            });
        } else {
            let requests = &capsule.manifest.requests.network;
            let host = HostPattern::Name(name.clone());
            let asked = requests
                .iter()
                .find(|request| request.endpoint.host.covers(&host));
            let capability = format!("network:{name}:*");
            self.tell([&Denial {
                capability,
                reason: match asked {
                    Some(request) => DenialReason::NotGranted(request.as_grant()),
                    None => DenialReason::HostNotRequested,
                },
            }]);
        }
        allowed
    }

    /// Takes note of an address that a name led to; `false` when that is no
    /// address for this name.
    pub(super) fn learn(&self, name: &HostName, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let fits = self
            .capsule()
            .is_some_and(|capsule| capsule.permissions().may_lead_to(name, address, None));
        if !fits {
            self.tell_inside(name, address);
            return false;
        }
        let mut names = lock(&self.names);
        let known = names.len();
        match names.get_mut(&address) {
            Some(names) if names.len() < MAX_ADDRESSES => {
                names.insert(name.clone());
            }
            Some(_) => return false,
            None if known < MAX_ADDRESSES => {
                names.insert(address, BTreeSet::from([name.clone()]));
            }
            None => return false,
        }
        true
    }

    fn names_of(&self, address: IpAddr) -> Vec<HostName> {
        let names = lock(&self.names);
        let names = names.get(&address).into_iter().flatten();
        names.cloned().collect()
    }

    /// The capsule as it is now; `None` once it is unloaded.
    pub(super) fn capsule(&self) -> Option<Arc<Capsule>> {
        self.host.capsules.by_uuid(self.capsule)
    }

    /// A guest sees little more than that it was refused; the log says why.
    pub(super) fn tell<'d>(&self, denials: impl IntoIterator<Item = &'d Denial>) {
        for denial in denials {
            let reason = denial.reason.to_string();
            self.line(&denial.capability, reason);
        }
    }

    pub(super) fn tell_inside(&self, name: &HostName, address: IpAddr) {
        let reason = format!(
            "the name leads to {address}, which is no public address: the manifest has to ask \
             for the address itself"
        );
        self.line(&format!("network:{name}:*"), reason);
    }

    fn tell_listening(&self, address: SocketAddr) {
        let reason = "this host does not let capsules listen".to_owned();
        self.line(&format!("listening at {address}"), reason);
    }

    /// A connection is allowed by a request of the capsule's.
    pub(super) fn audit_allowed(&self, decision: &Decision<'_, NetworkRequest>) {
        let log = self.log.load();
        self.host.audit.tell(log.origin(), || {
            let request = decision.request();
            let capability = request.map(|request| request.as_grant().capability());
            Judgement::of(decision, |()| capability.unwrap_or_default())
        });
    }

    fn line(&self, capability: &str, reason: String) {
        let log = self.log.load();
        self.host
            .audit
            .tell(log.origin(), || Judgement::refused(capability, &reason));
        let text = |text: &str| FieldValue::Text(text.to_owned());
        let fields = vec![
            ("capability".to_owned(), text(capability)),
            ("reason".to_owned(), FieldValue::Text(reason)),
        ];
        // It counts against what the capsule may log: a capsule decides how often
        // it is refused.
        let message = "refused the network".to_owned();
        log.emit(LogLevel::Warn, LineSource::Host, message, fields);
    }
}
