//! `boll up`: capsules that run until they are interrupted.

use boll_host::Runtime;
use boll_host::capsule::{CapsuleId, CapsuleState};
use serde_json::json;
use tokio::task::JoinSet;

use super::{ends_by_interrupt, several};
use crate::args::{Arguments, Up};
use crate::failure::Done;
use crate::host::setup::{Around, Setup};
use crate::operator::Operator;
use crate::output::Output;
use crate::prepared::Loaded;
use crate::report::{self, reporter::Reporter};

pub(crate) fn run(up: &Up, arguments: &Arguments, reporter: &Reporter) -> Done {
    let mut operator = Operator::read(arguments.policy.as_deref(), &arguments.expose)?;
    let around = Around {
        operator: &mut operator,
        host: &up.host,
        config: &[],
        reporter,
    };
    let host = Setup::prepare(several(&up.capsules)?, around)?
        .ask()?
        .build()?;
    let output = arguments.output;
    let ended = host.run(async |runtime, capsules| follow(runtime, &capsules, output).await);
    ends_by_interrupt(ended)
}

/// Reports each state of each capsule, until all are gone.
async fn follow(runtime: &Runtime, capsules: &[Loaded], output: Output) -> Done {
    let mut followed: JoinSet<Done> = JoinSet::new();
    for id in capsules.iter().map(|one| one.wanted.id()) {
        let Some(mut states) = runtime.watch(id) else {
            continue;
        };
        let id = id.clone();
        followed.spawn(async move {
            loop {
                let state = *states.borrow_and_update();
                tell(&id, state, output)?;
                if state == CapsuleState::Unloaded || states.changed().await.is_err() {
                    return Ok(());
                }
            }
        });
    }
    while let Some(told) = followed.join_next().await {
        // An error of standard output ends the program; a task does not panic.
        told.unwrap_or(Ok(()))?;
    }
    Ok(())
}

fn tell(id: &CapsuleId, state: CapsuleState, output: Output) -> Done {
    let state = state.as_str();
    match output {
        Output::Text => report::result(format!("{id}: {state}").as_bytes()),
        Output::Json => report::json_line(&json!({ "capsule": id.to_string(), "state": state })),
    }
}
