//! Does the steps, one after the other.

use super::streams::Streams;
use super::values::{self, result};
use super::{Action, Channel, Step};
use crate::bindings::boll::process::children as raw;
use crate::command::{error_value, exit, lower, output_value};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long a step waits unless it says otherwise, in milliseconds.
pub(super) const TIMEOUT: u32 = 10_000;
/// How many bytes a step reads unless it says otherwise.
pub(super) const MAX: u32 = 65_536;

/// What the steps up to now have left. Streams go before their children.
#[derive(Default)]
struct Scene {
    streams: Streams,
    children: HashMap<String, raw::Child>,
    ids: HashMap<String, String>,
    cursors: HashMap<(String, Channel), u64>,
}

pub(crate) fn take(steps: Vec<Step>) -> Value {
    let mut scene = Scene::default();
    steps.into_iter().map(|step| scene.take(step)).collect()
}

impl Step {
    /// What a step writes.
    pub(super) fn given(&self) -> Vec<u8> {
        match (&self.text, self.bytes) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(bytes)) => vec![b'x'; bytes],
            _ => panic!("a step that writes has either `text` or `bytes`"),
        }
    }
}

impl Scene {
    fn take(&mut self, step: Step) -> Value {
        match step.action {
            Action::Spawn => self.spawn(step),
            Action::Attach => self.attach(step),
            Action::List => {
                let all = raw::list().into_iter();
                json!({ "ok": all.map(values::summary).collect::<Vec<_>>() })
            }
            Action::Sleep => {
                std::thread::sleep(Duration::from_millis(step.ms.expect("`ms`")));
                done()
            }
            Action::Drop => {
                let child = self.children.remove(&step.child);
                child.unwrap_or_else(|| panic!("no child `{}`", step.child));
                done()
            }
            Action::Read => self.read(&step),
            Action::ReadUntil => self.read_until(&step),
            Action::Id | Action::Detach => self.tell_id(&step),
            Action::TakeStream
            | Action::WriteStream
            | Action::ReadStream
            | Action::DrainStream
            | Action::DropStream
            | Action::Poll => {
                let child = self.children.get(&step.child);
                self.streams.take(&step, child)
            }
            _ => self.plain(&step),
        }
    }

    fn child(&self, step: &Step) -> &raw::Child {
        let child = self.children.get(&step.child);
        child.unwrap_or_else(|| panic!("no child `{}`", step.child))
    }

    fn put(&mut self, step: Step, child: raw::Child) {
        self.cursors.retain(|(name, _), _| *name != step.child);
        self.children.insert(step.child, child);
    }

    fn spawn(&mut self, mut step: Step) -> Value {
        let command = step.command.take().expect("`command`");
        match raw::spawn(&lower(command)) {
            Ok(child) => {
                self.put(step, child);
                done()
            }
            Err(error) => json!({ "err": error_value(error) }),
        }
    }

    fn attach(&mut self, step: Step) -> Value {
        let id = match (&step.id, &step.of) {
            (Some(id), None) => id,
            (None, Some(of)) => &self.ids[of],
            _ => panic!("`attach` has either `id` or `of`"),
        };
        match raw::attach(id) {
            Ok(child) => {
                self.put(step, child);
                done()
            }
            Err(error) => json!({ "err": values::error(error) }),
        }
    }

    fn tell_id(&mut self, step: &Step) -> Value {
        let child = self.child(step);
        let id = match step.action {
            Action::Detach => child.detach(),
            _ => Ok(child.id()),
        };
        if let Ok(id) = &id {
            self.ids.insert(step.child.clone(), id.clone());
        }
        result(id, values::error)
    }

    /// Steps that leave nothing behind here.
    fn plain(&self, step: &Step) -> Value {
        let child = self.child(step);
        let error = values::error;
        match step.action {
            Action::Write => {
                let timeout = step.timeout_ms.unwrap_or(TIMEOUT);
                result(child.write(&step.given(), timeout), error)
            }
            Action::CloseStdin => result(child.close_stdin(), error),
            Action::Status => json!({ "ok": values::status(&child.status()) }),
            Action::Wait => {
                let ended = child.wait(step.timeout_ms);
                result(ended.map(|ended| ended.as_ref().map(exit)), error)
            }
            Action::Signal => {
                let signal = values::signal(step.signal.expect("`signal`"));
                result(child.signal(signal), error)
            }
            Action::Stop => result(child.stop(step.grace_ms).map(|ended| exit(&ended)), error),
            Action::Kill => result(child.kill().map(|output| output_value(&output)), error),
            _ => unreachable!("every other step is done elsewhere"),
        }
    }

    fn cursor(&mut self, step: &Step) -> &mut u64 {
        let cursor = self.cursors.entry((step.child.clone(), step.channel));
        let cursor = cursor.or_default();
        if let Some(given) = step.cursor {
            *cursor = given;
        }
        cursor
    }

    fn read(&mut self, step: &Step) -> Value {
        let cursor = *self.cursor(step);
        let max = step.max.unwrap_or(MAX);
        let timeout = step.timeout_ms.unwrap_or(TIMEOUT);
        let channel = values::channel(step.channel);
        let chunk = self.child(step).read(channel, cursor, max, timeout);
        if let Ok(chunk) = &chunk {
            *self.cursor(step) = chunk.next;
        }
        result(chunk.map(|chunk| values::chunk(&chunk)), values::error)
    }

    /// Reads on until the text is there. Since reading takes nothing away, the
    /// cursor then stands right behind the text.
    fn read_until(&mut self, step: &Step) -> Value {
        let text = step.text.as_deref().expect("`text`").as_bytes();
        let end = Instant::now() + milliseconds(step.timeout_ms.unwrap_or(TIMEOUT));
        let mut cursor = *self.cursor(step);
        let (mut all, mut len, mut sum, mut dropped) = (Vec::new(), 0, 0, 0);
        let (found, eof) = loop {
            let left = end.saturating_duration_since(Instant::now());
            let channel = values::channel(step.channel);
            let left_ms = u32::try_from(left.as_millis()).unwrap_or(u32::MAX);
            let mut chunk = match self.child(step).read(channel, cursor, MAX, left_ms) {
                Ok(chunk) => chunk,
                Err(error) => return json!({ "err": values::error(error) }),
            };
            // The text may have begun in what came before.
            let from = all.len().saturating_sub(text.len() - 1);
            let before = all.len() - from;
            let mut seen = all.split_off(from);
            seen.extend(&chunk.bytes);
            let at = seen.windows(text.len()).position(|part| part == text);
            if let Some(at) = at {
                seen.truncate(at + text.len());
                let taken = seen.len() - before;
                let behind = chunk.bytes.len() - taken;
                chunk.next -= behind as u64;
                chunk.eof &= behind == 0;
                chunk.bytes.truncate(taken);
            }
            all.extend(seen);
            if step.quiet {
                all.drain(..all.len().saturating_sub(text.len()));
            }
            len += chunk.bytes.len();
            sum += values::sum(&chunk.bytes);
            dropped += chunk.dropped;
            cursor = chunk.next;
            if at.is_some() || chunk.eof || left.is_zero() {
                break (at.is_some(), chunk.eof);
            }
        };
        let key = (step.child.clone(), step.channel);
        self.cursors.insert(key, cursor);
        let text = (!step.quiet).then(|| String::from_utf8_lossy(&all).into_owned());
        json!({ "ok": {
            "text": text, "len": len, "sum": sum,
            "next": cursor, "dropped": dropped, "eof": eof, "found": found,
        }})
    }
}

fn done() -> Value {
    json!({ "ok": null })
}

fn milliseconds(ms: u32) -> Duration {
    Duration::from_millis(ms.into())
}
