//! Interfaces of the embedder's own: host functions beside those of the contract.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use wasmtime::component::{HasData, Linker, ResourceTable};

use super::CallContext;
use crate::call::Origin;
use crate::capsule::{CapsuleId, CapsuleUuid};
use crate::policy::{
    Denial, Grant, GrantSet, InterfaceName, InvalidInterface, Permissions, Requests,
};
use crate::services::audit::Judgement;

/// An interface of the embedder's own, with the state that its functions work on.
///
/// The functions are a trait that wasmtime's `bindgen!` makes of WIT. It is implemented for
/// [`InterfaceView`], from which a function gets the state: only where the capsule's
/// manifest asks for the interface and the operator grants it. Every use is judged when it
/// happens, and reported to the audit.
///
/// ```
/// use boll_host::wasmtime::component::{HasData, Linker};
/// use boll_host::wasmtime;
/// use boll_host::{HasInterface, HostInterface, InterfaceView, Runtime};
///
/// wasmtime::component::bindgen!({
///     inline: "
///         package acme:clock@1.0.0;
///         interface ticks { now: func() -> result<u64, string>; }
///         world host { import ticks; }
///     ",
///     wasmtime_crate: boll_host::wasmtime,
/// });
/// use acme::clock::ticks;
///
/// struct Ticks(u64);
///
/// impl HostInterface for Ticks {
///     const NAME: &'static str = "acme:clock/ticks@1.0.0";
///
///     fn add_to_linker<T: Send + 'static>(
///         linker: &mut Linker<T>,
///         view: fn(&mut T) -> InterfaceView<'_, Self>,
///     ) -> wasmtime::Result<()> {
///         ticks::add_to_linker::<T, HasInterface<Self>>(linker, view)
///     }
/// }
///
/// impl ticks::Host for InterfaceView<'_, Ticks> {
///     fn now(&mut self) -> Result<u64, String> {
///         let ticks = self.granted().map_err(|denial| denial.to_string())?;
///         Ok(ticks.0)
///     }
/// }
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// // Capsules may import `acme:clock/ticks` from now on. Their manifests ask for it in
/// // `[[interface]]`, and the grant is `interface:acme:clock/ticks`.
/// let runtime = Runtime::builder().interface(Ticks(7)).build()?;
/// runtime.shut_down().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait HostInterface: Sized + Send + Sync + 'static {
    /// Its name as components import it, with its version if it has one. The host serves
    /// earlier compatible versions, too.
    const NAME: &'static str;

    /// Links its functions, under its name only: the `add_to_linker` that `bindgen!` made,
    /// with [`HasInterface`].
    ///
    /// # Errors
    ///
    /// The linker's.
    fn add_to_linker<T: Send + 'static>(
        linker: &mut Linker<T>,
        view: fn(&mut T) -> InterfaceView<'_, Self>,
    ) -> wasmtime::Result<()>;
}

/// The marker for what the functions of an interface work on.
#[derive(Debug, Clone, Copy)]
pub struct HasInterface<I>(std::marker::PhantomData<I>);

impl<I: HostInterface> HasData for HasInterface<I> {
    type Data<'a> = InterfaceView<'a, I>;
}

/// What a function of the embedder's works on while a capsule calls it.
///
/// A synchronous function must not block. An asynchronous one is dropped at its next
/// `await` when the call is cancelled or its time is over; after that nothing of it may go
/// on. A panic ends the call with
/// [`InvokeError::HostPanicked`](crate::InvokeError::HostPanicked), and nothing else.
pub struct InterfaceView<'a, I> {
    interface: &'a OwnInterface<I>,
    call: &'a CallContext,
    table: &'a mut ResourceTable,
}

impl<'a, I: HostInterface> InterfaceView<'a, I> {
    /// Returns the interface's state, if the capsule may use the interface now. A grant
    /// that is revoked holds no longer for the next use in the same call. The audit
    /// receives the decision.
    ///
    /// # Errors
    ///
    /// The manifest does not ask for the interface, or the operator does not grant it. The
    /// denial's text names the grant that is missing: it is for the guest to see, as an
    /// error of the function's.
    pub fn granted(&self) -> Result<&'a I, Denial> {
        let OwnInterface { name, state } = self.interface;
        // One that is unloaded holds nothing.
        let none = (Requests::default(), GrantSet::default());
        let capsule = self.call.current();
        let permissions = match &capsule {
            Some(capsule) => capsule.permissions(),
            None => Permissions::new(&none.0, &none.1),
        };
        let decision = permissions.decide_interface(name);
        let capability = || Grant::Interface(name.clone()).capability();
        self.call
            .audit(|| Judgement::of(&decision, |()| capability()));
        decision.into_result()?;
        Ok(state)
    }

    /// Returns whose call it is: the capsule, the principal, the call's id.
    #[must_use]
    pub fn origin(&self) -> &'a Arc<Origin> {
        &self.call.scope.origin
    }

    /// Returns the uuid of the loaded capsule.
    #[must_use]
    pub fn uuid(&self) -> CapsuleUuid {
        self.call.scope.uuid
    }

    /// Returns the capsules that wait for this call, the first caller first; none where the
    /// embedder makes it.
    #[must_use]
    pub fn chain(&self) -> &'a [CapsuleId] {
        self.call.scope.chain()
    }

    /// Returns when the call began.
    #[must_use]
    pub fn started_at(&self) -> SystemTime {
        self.call.scope.started_at
    }

    /// Returns when the call's time is over; `None` in a run loop, which has no end.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.call.scope.ends_at()
    }

    /// Returns whether the call was cancelled, or its capsule unloaded.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.call.scope.is_cancelled()
    }

    /// Returns the instance's resources. Each counts with 256 bytes against the instance's
    /// memory, and against the number of its resources, whatever it really holds.
    pub fn table(&mut self) -> &mut ResourceTable {
        self.table
    }
}

impl<I: HostInterface> std::fmt::Debug for InterfaceView<'_, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InterfaceView")
            .field("interface", &I::NAME)
            .field("origin", self.origin())
            .finish_non_exhaustive()
    }
}

/// An interface that is linked: its name as policy knows it, and its state.
pub(crate) struct OwnInterface<I> {
    name: InterfaceName,
    state: I,
}

impl<I: HostInterface> OwnInterface<I> {
    /// # Errors
    ///
    /// Its name is not the name of an interface.
    pub(crate) fn new(state: I) -> Result<Self, InvalidInterface> {
        let name = I::NAME.split('@').next().unwrap_or_default();
        let name = name.parse()?;
        Ok(Self { name, state })
    }

    /// What its functions work on.
    pub(crate) fn view<'a>(
        &'a self,
        call: &'a CallContext,
        table: &'a mut ResourceTable,
    ) -> InterfaceView<'a, I> {
        InterfaceView {
            interface: self,
            call,
            table,
        }
    }
}
