//! Turns an allowed command into the order for the init.

use super::limits::{Ceilings, limits};
use super::output::ProcessError;
use super::settings::ProcessSettings;
use crate::policy::AuthorizedCommand;
use crate::sandbox::{JudgedPath, Order, Sandbox};

/// Returns what the init of a sandbox is to execute.
pub(super) fn order(
    command: &AuthorizedCommand,
    settings: &ProcessSettings,
    sandbox: &Sandbox,
) -> Result<Order, ProcessError> {
    let spec = command.spec();
    let ceilings = Ceilings::of_host(sandbox);
    let (limits, tree) =
        limits(&spec.limits, settings, &ceilings).map_err(ProcessError::UnsupportedLimit)?;
    let directory = sandbox
        .working_directory(spec.cwd.as_deref())
        .map_err(|error| ProcessError::BadCwd(error.to_string()))?;
    let mut args = vec![spec.program.clone()];
    args.extend_from_slice(&spec.args);
    Ok(Order {
        directory,
        program: JudgedPath {
            path: command.program().as_os_str().as_encoded_bytes().into(),
            judged: command.judged().cloned(),
        },
        args,
        env: environment(sandbox, &spec.env),
        limits,
        tree,
    })
}

/// The small environment of processes, to which the sandbox adds where its home
/// is, and over it what the operator adds, and then the command. Nothing of the host's own
/// is in it.
fn environment(sandbox: &Sandbox, added: &[(String, String)]) -> Vec<(String, String)> {
    let mut variables: Vec<(String, String)> =
        [("PATH", sandbox.path().as_str()), ("LANG", "C.UTF-8")]
            .map(|(name, value)| (name.into(), value.into()))
            .into();
    let set = sandbox.settings().variables.iter();
    let added = added.iter().map(|(name, value)| (&**name, &**value));
    for (name, value) in set.chain(added) {
        variables.retain(|(present, _)| present != name);
        variables.push((name.into(), value.into()));
    }
    variables
}
