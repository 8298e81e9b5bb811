//! The WASI of a capsule: clocks and random numbers, its output as log lines,
//! and the folders and hosts that it is granted. There are no arguments and there is no
//! environment.

use std::future::ready;
use std::sync::Arc;

use wasmtime_wasi::filesystem::Dir;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};

use super::error::InvokeError;
use super::stdio::Stdio;
use crate::capsule::Capsule;
use crate::interfaces::{CallContext, NetworkGate, given_folder};
use crate::policy::FileAccess;
use crate::services::audit::Judgement;
use crate::services::file_threads::FileCalls;

/// The most random bytes in one call. wasmtime gives as many as the guest asks for,
/// which the host holds meanwhile.
pub(super) const MAX_RANDOM: usize = 1 << 20;

/// The context of one instance, with what is granted now.
pub(super) fn wasi(call: &CallContext, stdio: &Stdio, network: &Arc<NetworkGate>) -> WasiCtx {
    let mut builder = WasiCtxBuilder::new();
    builder
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .max_random_size(MAX_RANDOM as u64)
        .stdout(stdio.stdout.clone())
        .stderr(stdio.stderr.clone());
    // Else there is not even a socket.
    if !call.capsule.manifest.requests.network.is_empty() {
        let network = Arc::clone(network);
        builder
            .allow_tcp(true)
            .allow_udp(true)
            .allow_ip_name_lookup(true)
            .socket_addr_check(move |address, use_| {
                Box::pin(ready(network.allows_socket(address, use_)))
            });
    }
    builder.build()
}

/// The folders of one instance, with what is granted now, by their names in it.
pub(super) async fn folders(
    call: &CallContext,
    calls: &FileCalls,
) -> Result<Vec<(Dir, String)>, InvokeError> {
    // One that was unloaded meanwhile has nothing.
    if call.capsule.manifest.requests.files.is_empty() {
        return Ok(Vec::new());
    }
    let Some(capsule) = call.current() else {
        return Ok(Vec::new());
    };
    let given = capsule.permissions().folders();
    for folder in &given {
        call.host.audit.tell(call.log.origin(), || {
            let capability = folder.request.as_grant().capability();
            Judgement::allowed(capability, Some(folder.request))
        });
    }
    if given
        .iter()
        .all(|folder| capsule.folders.is_at_hand(folder))
    {
        return open(&capsule);
    }
    let capsule = Arc::clone(&capsule);
    let opened = calls.run(move || open(&capsule)).await;
    opened.map_err(not_made)?
}

/// The folders that are open, wherever their paths lead by now.
fn open(capsule: &Capsule) -> Result<Vec<(Dir, String)>, InvokeError> {
    let folders = capsule.permissions().folders();
    let folders = folders.iter().map(|folder| {
        let perms = match folder.access {
            FileAccess::Read => FsPerms::ReadOnly,
            FileAccess::ReadWrite => FsPerms::ReadWrite,
        };
        let given = given_folder(capsule.folders.get(folder)?, perms).map_err(not_made)?;
        Ok((given, folder.request.path.as_str().to_owned()))
    });
    folders.collect()
}

fn not_made(error: std::io::Error) -> InvokeError {
    InvokeError::Instantiate(error.into())
}
