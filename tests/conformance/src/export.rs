//! The exports of a guest, and what connects them with its cases.

use crate::bindings::exports::boll::hook::handler;
use crate::fault;
use crate::{Checked, Failure};

/// The action that runs a case through the handler.
const RUN_CASE: &str = "run-case";

/// A guest of the suite.
pub trait Case {
    /// Runs one part of the case.
    ///
    /// # Errors
    ///
    /// The first thing that was not as the contract says.
    fn run(name: &str) -> Checked;

    /// Any other action. A guest that has none knows none.
    ///
    /// # Errors
    ///
    /// What the case wants the host to see.
    fn handle(action: &str, _event: handler::Event) -> Result<handler::Reply, handler::Failure> {
        Err(handler::Failure::UnknownAction(action.to_owned()))
    }
}

/// A guest with a run loop.
pub trait Run {
    /// The run loop.
    ///
    /// # Errors
    ///
    /// It failed.
    fn run_loop() -> Result<(), String>;
}

/// A guest that is told of its installation.
pub trait Install {
    /// It is loaded for the first time.
    ///
    /// # Errors
    ///
    /// It refuses.
    fn install() -> Result<(), String>;
}

/// A guest that is told of its upgrades.
pub trait Upgrade {
    /// Its version has risen.
    ///
    /// # Errors
    ///
    /// It refuses.
    fn upgrade(previous: String) -> Result<(), String>;
}

/// `run-case` of a guest.
#[doc(hidden)]
pub fn run_case<C: Case>(name: String) -> Result<(), Failure> {
    C::run(&name)
}

/// The handler of a guest: `run-case`, and its own actions.
#[doc(hidden)]
pub fn handle<C: Case>(
    action: String,
    mut event: handler::Event,
) -> Result<handler::Reply, handler::Failure> {
    if action != RUN_CASE {
        if fault::is("topic-lost") {
            event.topic = None;
        }
        if fault::is("topic-always") {
            event.topic.get_or_insert_default();
        }
        if fault::is("event-cut") {
            event.payload.truncate(65_536);
        }
        return C::handle(&action, event);
    }
    let name = String::from_utf8(event.payload)
        .map_err(|error| handler::Failure::InvalidPayload(error.to_string()))?;
    match C::run(&name) {
        Ok(()) => Ok(handler::Reply::Continue(None)),
        Err(failure) => {
            let failure = serde_json::json!({
                "step": failure.step,
                "expected": failure.expected,
                "found": failure.found,
            });
            Err(handler::Failure::Failed(failure.to_string()))
        }
    }
}

/// The run loop of a guest.
#[doc(hidden)]
pub fn run_loop<R: Run>() -> Result<(), String> {
    match fault::is("run-not-called") {
        true => Ok(()),
        false => R::run_loop(),
    }
}

/// The installation of a guest.
#[doc(hidden)]
pub fn install<I: Install>() -> Result<(), String> {
    match fault::is("install-not-called") {
        true => Ok(()),
        false => I::install(),
    }
}

/// The upgrade of a guest.
#[doc(hidden)]
pub fn upgrade<U: Upgrade>(previous: String) -> Result<(), String> {
    match fault::is("upgrade-without-version") {
        true => U::upgrade(String::new()),
        false => U::upgrade(previous),
    }
}

/// Exports a type as the guest of a case; the names behind it are of the
/// lifecycle exports that it has besides: `run`, `install`, `upgrade`.
#[macro_export]
macro_rules! guest {
    ($guest:ident $(, $more:ident)*) => {
        // Elsewhere nothing is exported, and the code is checked all the same.
        const _: fn(&str) -> $crate::Checked = <$guest as $crate::Case>::run;
        $($crate::guest!(@checked $more $guest);)*

        #[cfg(target_family = "wasm")]
        const _: () = {
            struct Exported;

            impl $crate::private::bindings::exports::boll::conformance::cases::Guest for Exported {
                fn run_case(name: String) -> Result<(), $crate::Failure> {
                    $crate::private::run_case::<$guest>(name)
                }
            }

            impl $crate::handler::Guest for Exported {
                fn handle(
                    action: String,
                    event: $crate::handler::Event,
                ) -> Result<$crate::handler::Reply, $crate::handler::Failure> {
                    $crate::private::handle::<$guest>(action, event)
                }
            }

            $crate::private::bindings::export_guest!(
                Exported with_types_in $crate::private::bindings
            );
            $($crate::guest!(@ $more $guest);)*
        };
    };
    (@checked run $guest:ident) => {
        const _: fn() -> Result<(), String> = <$guest as $crate::Run>::run_loop;
    };
    (@checked install $guest:ident) => {
        const _: fn() -> Result<(), String> = <$guest as $crate::Install>::install;
    };
    (@checked upgrade $guest:ident) => {
        const _: fn(String) -> Result<(), String> = <$guest as $crate::Upgrade>::upgrade;
    };
    (@ run $guest:ident) => {
        impl $crate::private::run::exports::boll::lifecycle::run::Guest for Exported {
            fn run() -> Result<(), String> {
                $crate::private::run_loop::<$guest>()
            }
        }
        $crate::private::run::export_run!(Exported with_types_in $crate::private::run);
    };
    (@ install $guest:ident) => {
        impl $crate::private::install::exports::boll::lifecycle::install::Guest for Exported {
            fn install() -> Result<(), String> {
                $crate::private::install_guest::<$guest>()
            }
        }
        $crate::private::install::export_install!(Exported with_types_in $crate::private::install);
    };
    (@ upgrade $guest:ident) => {
        impl $crate::private::upgrade::exports::boll::lifecycle::upgrade::Guest for Exported {
            fn upgrade(previous: String) -> Result<(), String> {
                $crate::private::upgrade_guest::<$guest>(previous)
            }
        }
        $crate::private::upgrade::export_upgrade!(Exported with_types_in $crate::private::upgrade);
    };
}
