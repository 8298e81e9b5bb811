//! `boll up`: capsules that run until they are interrupted.

use std::path::PathBuf;

use boll_host::Runtime;
use boll_host::capsule::{CapsuleId, CapsuleState};
use clap::Args;
use serde_json::json;
use tokio::task::JoinSet;

use super::{Verb, ends_by_interrupt, several};
use crate::args::{App, HostArgs};
use crate::complete;
use crate::failure::Done;
use crate::host::setup::set_up;
use crate::prepared::Loaded;
use crate::report;

/// Load capsules, run their run loops and print their states, until interrupted
#[derive(Debug, Args)]
pub(crate) struct Up {
    /// The capsules' folders, or their Capsule.toml
    #[arg(required = true, add = complete::capsule())]
    capsules: Vec<PathBuf>,

    #[command(flatten)]
    host: HostArgs,
}

impl Verb for Up {
    fn host(&self) -> Option<&HostArgs> {
        Some(&self.host)
    }

    fn run(&self, app: &App) -> Done {
        let mut operator = app.operator()?;
        let capsules = several(&self.capsules)?;
        let host = set_up(capsules, &mut operator, &self.host, &[], &app.reporter)?;
        let json = app.is_json();
        let ended = host.run(async |runtime, capsules| follow(runtime, &capsules, json).await);
        ends_by_interrupt(ended)
    }
}

/// Reports each state of each capsule, until all are gone.
async fn follow(runtime: &Runtime, capsules: &[Loaded], json: bool) -> Done {
    let mut followed: JoinSet<Done> = JoinSet::new();
    for id in capsules.iter().map(|one| one.wanted.id()) {
        let Some(mut states) = runtime.watch(id) else {
            continue;
        };
        let id = id.clone();
        followed.spawn(async move {
            let mut state = states.current();
            loop {
                tell(&id, state, json)?;
                if state == CapsuleState::Unloaded {
                    return Ok(());
                }
                state = states.changed().await.unwrap_or(CapsuleState::Unloaded);
            }
        });
    }
    while let Some(told) = followed.join_next().await {
        // An error of standard output ends the program; a task does not panic.
        told.unwrap_or(Ok(()))?;
    }
    Ok(())
}

fn tell(id: &CapsuleId, state: CapsuleState, json: bool) -> Done {
    let state = state.as_str();
    if json {
        report::json_line(&json!({ "capsule": id.to_string(), "state": state }))
    } else {
        report::result(format!("{id}: {state}").as_bytes())
    }
}
