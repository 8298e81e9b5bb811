//! The imports that a capsule gets, one file an interface.
//!
//! A method here converts in, asks for permission, calls one service and
//! converts out. A denial is a value that the guest sees, never a trap.

mod capability;
mod children;
mod config;
mod context;
mod files;
mod held;
mod hook;
mod lifecycle;
mod log;
mod logging;
mod network;
mod own;
mod process;
mod same;
mod streams;
mod table;
mod views;
mod wasi;
mod wasi_config;

pub(crate) use context::{CallContext, CallView};
pub(crate) use files::{FileState, FilesView, folder as given_folder};
pub(crate) use held::{connections, measure};
pub(crate) use network::{
    FIELDS as MAX_FIELDS_SIZE, HttpGate, HttpView, Lookups, NetworkGate, SocketsView,
};
pub(crate) use own::OwnInterface;
pub use own::{HasInterface, HostInterface, InterfaceView};
pub(crate) use table::names as import_names;
pub(crate) use views::Views;
pub use wasi::WASI_VERSION;
pub(crate) use wasi::{is_known as is_wasi, refusal as wasi_refusal};

use wasmtime::component::Linker;

/// Links every interface that this host implements, in place of those of `wasi` that
/// are linked already and are neither counted nor judged.
pub(crate) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    views: &Views<T>,
) -> wasmtime::Result<()> {
    table::add_to_linker(linker, views)?;
    linker.allow_shadowing(true);
    files::add_to_linker(linker, views.files)?;
    network::add_to_linker(linker, views.sockets, views.http)?;
    linker.allow_shadowing(false);
    Ok(())
}
