//! Steps with a child's ends as `wasi:io` streams.

use super::steps::{MAX, TIMEOUT};
use super::values::{self, result};
use super::{Action, End, On, Step};
use crate::bindings::boll::process::children::{Channel, Child};
use crate::bindings::boll::process::streams as raw;
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::io::poll::{Pollable, poll};
use crate::bindings::wasi::io::streams::{InputStream, OutputStream, StreamError};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The streams that were taken, by the child's name.
#[derive(Default)]
pub(super) struct Streams {
    inputs: HashMap<(String, End), InputStream>,
    outputs: HashMap<String, OutputStream>,
}

impl Streams {
    pub(super) fn take(&mut self, step: &Step, child: Option<&Child>) -> Value {
        match step.action {
            Action::TakeStream => self.open(step, child.expect("the child")),
            Action::WriteStream => result(self.write(step), error),
            Action::ReadStream => {
                let stream = self.input(step);
                let max = step.max.unwrap_or(MAX).into();
                let bytes = if step.blocking {
                    stream.blocking_read(max)
                } else {
                    stream.read(max)
                };
                result(bytes.map(|bytes| values::bytes(&bytes)), error)
            }
            Action::DrainStream => result(self.drain(step), error),
            Action::DropStream => {
                let gone = match step.end.unwrap_or(End::Stdout) {
                    End::Stdin => self.outputs.remove(&step.child).map(drop),
                    end => self.inputs.remove(&(step.child.clone(), end)).map(drop),
                };
                gone.expect("the stream");
                json!({ "ok": null })
            }
            Action::Poll => self.poll(step, child),
            _ => unreachable!("no step with a stream"),
        }
    }

    fn open(&mut self, step: &Step, child: &Child) -> Value {
        let end = step.end.expect("`end`");
        let channel = match end {
            End::Stdin => {
                let stream = raw::stdin(child).map(|stream| {
                    self.outputs.insert(step.child.clone(), stream);
                });
                return result(stream, values::error);
            }
            End::Stdout => Channel::Stdout,
            End::Stderr => Channel::Stderr,
        };
        let stream = raw::output(child, channel).map(|stream| {
            self.inputs.insert((step.child.clone(), end), stream);
        });
        result(stream, values::error)
    }

    fn input(&self, step: &Step) -> &InputStream {
        let end = step.end.unwrap_or(End::Stdout);
        let stream = self.inputs.get(&(step.child.clone(), end));
        stream.expect("the stream was taken")
    }

    /// Writes as much as the stream takes in time.
    fn write(&self, step: &Step) -> Result<usize, StreamError> {
        let stream = self.outputs.get(&step.child).expect("stdin was taken");
        let given = step.given();
        let end = Instant::now() + Duration::from_millis(step.timeout_ms.unwrap_or(TIMEOUT).into());
        let mut taken = 0;
        while taken < given.len() {
            let free = usize::try_from(stream.check_write()?).unwrap_or(usize::MAX);
            let next = taken + free.min(given.len() - taken);
            if next > taken {
                stream.write(&given[taken..next])?;
                taken = next;
            } else if !ready_before(stream.subscribe(), end) {
                return Ok(taken);
            }
        }
        stream.flush()?;
        ready_before(stream.subscribe(), end);
        Ok(taken)
    }

    fn drain(&self, step: &Step) -> Result<Value, StreamError> {
        let stream = self.input(step);
        let max = step.max.unwrap_or(MAX).into();
        let (mut len, mut sum) = (0, 0);
        loop {
            match stream.blocking_read(max) {
                Ok(bytes) => {
                    len += bytes.len();
                    sum += values::sum(&bytes);
                }
                Err(StreamError::Closed) => return Ok(json!({ "len": len, "sum": sum })),
                Err(error) => return Err(error),
            }
        }
    }

    fn poll(&self, step: &Step, child: Option<&Child>) -> Value {
        let input = |end| {
            let stream = self.inputs.get(&(step.child.clone(), end));
            stream.expect("the stream was taken").subscribe()
        };
        let mut pollables: Vec<Pollable> = step
            .on
            .iter()
            .map(|on| match on {
                On::Exited => raw::exited(child.expect("the child")),
                On::Stdin => self.outputs[&step.child].subscribe(),
                On::Stdout => input(End::Stdout),
                On::Stderr => input(End::Stderr),
            })
            .collect();
        let timeout = step.timeout_ms.unwrap_or(TIMEOUT);
        pollables.push(after(Duration::from_millis(timeout.into())));
        let borrowed: Vec<&Pollable> = pollables.iter().collect();
        let ready = poll(&borrowed).into_iter();
        let ready: Vec<On> = ready
            .filter_map(|index| step.on.get(index as usize).copied())
            .collect();
        json!({ "ok": ready })
    }
}

/// Waits for it, at most until then; gives whether it is ready.
fn ready_before(pollable: Pollable, end: Instant) -> bool {
    let left = end.saturating_duration_since(Instant::now());
    poll(&[&pollable, &after(left)]).contains(&0)
}

fn after(duration: Duration) -> Pollable {
    let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    monotonic_clock::subscribe_duration(nanoseconds)
}

fn error(error: StreamError) -> Value {
    match error {
        StreamError::Closed => json!("closed"),
        StreamError::LastOperationFailed(error) => {
            json!({ "last-operation-failed": error.to_debug_string() })
        }
    }
}
