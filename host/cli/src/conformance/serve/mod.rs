//! Boll as a host of the suite: it reads requests from standard input and
//! answers on standard output, until its input ends.

mod call;
mod operations;
mod settings;

use std::io::{self, BufRead as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use boll_host::contract_interfaces;
use boll_host::services::log::{LogLine, LogSink};
use serde_json::Value;
use tokio::task::JoinSet;

use self::operations::Opened;
use super::protocol::{Event, Hello, HostReply, Message, Operation, Request, Response, VERSION};
use crate::cases::line;
use crate::failure::{Code, Done, Failure};
use crate::interrupt::unless_told;
use crate::session;

/// Serves until the input ends.
pub(crate) fn serve() -> Done {
    session::enter_cgroup();
    session::block_on(unless_told(async {
        let (sender, mut requests) = tokio::sync::mpsc::unbounded_channel();
        // A thread of its own, because nothing can stop it while it reads.
        std::thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                let Ok(line) = line else { break };
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let opened = Arc::new(Mutex::new(None));
        let mut answering = JoinSet::new();
        while let Some(line) = requests.recv().await {
            while answering.try_join_next().is_some() {}
            let Some(request) = read(&line)? else {
                continue;
            };
            let opened = Arc::clone(&opened);
            answering.spawn(async move {
                let answer = answer(request.operation, &opened).await;
                say(&Message::Response(Response {
                    id: request.id,
                    answer,
                }));
            });
        }
        // Closing ends the calls that are under way; what was asked last may
        // still have to be begun.
        close(&opened).await;
        while answering.join_next().await.is_some() {}
        close(&opened).await;
        Ok(())
    }))
}

/// Reads a request. One that this host does not know is answered here; what is no
/// request at all ends it.
fn read(line: &str) -> Done<Option<Request>> {
    let error = match serde_json::from_str(line) {
        Ok(request) => return Ok(Some(request)),
        Err(error) => error,
    };
    let value: Option<Value> = serde_json::from_str(line).ok();
    let Some(id) = value.and_then(|value| value["id"].as_u64()) else {
        let text = format!("no request of the protocol: {error}");
        return Err(Failure::new(Code::Input, text));
    };
    let answer = HostReply::Unsupported(format!("no request that this host knows: {error}"));
    say(&Message::Response(Response { id, answer }));
    Ok(None)
}

async fn answer(operation: Operation, opened: &Mutex<Option<Arc<Opened>>>) -> HostReply {
    match operation {
        Operation::Hello { protocol, .. } if protocol != VERSION => HostReply::Unsupported(
            format!("version {protocol} of the protocol; this host speaks {VERSION}"),
        ),
        Operation::Hello { .. } => {
            let hello = Hello {
                protocol: VERSION,
                name: "boll".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                interfaces: contract_interfaces().map(str::to_owned).collect(),
            };
            serde_json::to_value(hello).map_or_else(HostReply::fault, HostReply::Result)
        }
        Operation::Open {
            workspace,
            settings,
        } => match operations::open(&workspace, settings) {
            Ok(new) => {
                let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
                *opened = Some(Arc::new(new));
                HostReply::Result(serde_json::json!({}))
            }
            Err(answer) => answer,
        },
        Operation::Close => {
            close(opened).await;
            HostReply::Result(serde_json::json!({}))
        }
        operation => {
            let current = opened
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            match current {
                Some(opened) => opened.answer(operation).await,
                None => HostReply::Fault("nothing is open".to_owned()),
            }
        }
    }
}

/// Ends what is open.
async fn close(opened: &Mutex<Option<Arc<Opened>>>) {
    let left = opened.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(left) = left {
        left.close().await;
    }
}

/// Tells the runner each line of the log.
struct Events;

impl LogSink for Events {
    fn write(&mut self, lines: &[LogLine]) {
        for line in lines {
            let line = line::json(line);
            say(&Message::Event(Event::Log { line }));
        }
    }
}

/// Writes a line of the protocol.
fn say(message: &Message) {
    let Ok(mut line) = serde_json::to_string(message) else {
        return;
    };
    line.push('\n');
    let mut stdout = io::stdout().lock();
    // Nobody reads any more: the input ends too, then.
    let _ = stdout
        .write_all(line.as_bytes())
        .and_then(|()| stdout.flush());
}
