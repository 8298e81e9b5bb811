//! Runs **capsules**: WebAssembly components that may start host processes, log,
//! read configuration, call hooks and ask about capabilities, and nothing else
//! than what they were granted.
//!
//! [`Runtime`] is the entry. What a capsule asks for is its
//! [manifest](capsule::Manifest); what it may do is its manifest **and** the
//! operator's [grants](policy::GrantSet); how its processes are kept in is the
//! [sandbox].
//!
//! ```
//! use boll_host::capsule::Manifest;
//! use boll_host::policy::GrantSet;
//! use boll_host::{CallOptions, Load, Outcome, Runtime};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # // A component that gives back the payload.
//! # let component = {
//! #     let folder = env!("CARGO_MANIFEST_DIR");
//! #     let mut module = wat::parse_file(format!("{folder}/doc/echo.wat"))?;
//! #     let mut resolve = wit_parser::Resolve::default();
//! #     let (package, _) = resolve.push_dir(format!("{folder}/wit"))?;
//! #     let world = resolve.select_world(&[package], Some("capsule"))?;
//! #     let encoding = wit_component::StringEncoding::UTF8;
//! #     wit_component::embed_component_metadata(&mut module, &resolve, world, encoding)?;
//! #     wit_component::ComponentEncoder::default().module(&module)?.encode()?
//! # };
//! // `component` holds the bytes of a capsule's component.
//! let manifest = Manifest::parse("Capsule.toml", "[capsule]\nid = \"echo\"\nversion = \"1.0.0\"")?;
//! let runtime = Runtime::builder().build()?;
//! // Nothing is granted but what is in the set.
//! let echo = runtime.load(Load::new(manifest, component).grants(GrantSet::default())).await?;
//! let outcome = runtime.invoke(&echo, "say", b"hello".to_vec(), CallOptions::default()).await?;
//! assert_eq!(outcome, Outcome::Continue(Some(b"hello".to_vec())));
//! runtime.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Settings and limits may get more fields in a later version: write
//! `..Default::default()` after those that you set. Other types that may grow are
//! `#[non_exhaustive]`.
//!
//! | module | is about |
//! |---|---|
//! | [`capsule`] | ids, manifests |
//! | [`policy`] | grants and decisions; pure |
//! | [`engine`] | wasmtime, and the cache of compiled components |
//! | [`process`] | the limits of processes, and how they end |
//! | [`sandbox`] | what keeps a process in, or a script that plays it |
//! | [`services`] | log, configuration, hooks, audit |
//! | [`document`] | TOML with errors that name their place |
//! | [`hard_links`] | other names of files that are believed |
//! | [`plain`] | text that a terminal shows as it is |

pub mod capsule;
pub mod document;
pub mod engine;
pub mod hard_links;
pub mod plain;
pub mod policy;
pub mod process;
pub mod sandbox;
pub mod services;

mod bindings;
mod blocking;
mod call;
mod cause;
mod digest;
mod dispatch;
mod host;
mod instance;
mod interfaces;
mod lines;
mod locked;
mod pace;
mod runtime;
#[cfg(test)]
#[path = "tests/without.rs"]
mod without;
mod workspace;

pub use call::{CallId, PrincipalName};
pub use cause::with_causes;
pub use digest::{Digest, InvalidDigest};
pub use dispatch::{CallCounts, CallError, RuntimeLimits};
pub use instance::{
    ContractError, Import, InvokeError, LimitKind, Surface, Trap, contract_interfaces,
};
pub use interfaces::{HasInterface, HostInterface, InterfaceView, WASI_VERSION};
pub use runtime::{
    BuildError, CallOptions, InterfaceError, Load, LoadCause, LoadError, RecordError, RequireError,
    Runtime, RuntimeBuilder, ServiceSettings, SubscribeError, SubscriptionKey,
    raise_descriptor_limit,
};
pub use services::hook::outcome::Outcome;
/// The version that interfaces of the embedder's own are linked with. It may change with
/// each minor version of this library.
pub use wasmtime;
