//! A capsule whose actions do what the tests want to see a host deal with.
//!
//! Each module has the actions of one subject; this file only names them.

#[cfg(target_family = "wasm")]
mod bindings;
mod children;
mod command;
mod ends;
mod files;
mod hooks;
mod instance;
mod interactive;
mod interfaces;
mod network;
mod noise;
mod output;
mod through_sdk;

use boll_sdk::process::{Child, ChildId, ChildStdout, Stdio};
use boll_sdk::{Event, Failure, Json, Reply};
use serde_json::Value;

/// The capsule.
pub struct Guests;

#[boll_sdk::capsule]
impl Guests {
    /// Answers with the payload.
    pub fn echo(event: Event) -> Result<Reply, Failure> {
        Ok(Reply::bytes(event.payload))
    }

    /// Answers with the topic.
    pub fn topic(event: Event) -> Result<Json<Option<String>>, Failure> {
        Ok(Json(event.topic))
    }

    /// Denies, with the payload as the reason.
    pub fn deny(event: Event) -> Result<Reply, Failure> {
        Ok(Reply::deny(event.text()?))
    }

    /// Fails, with the payload as the reason.
    pub fn fail(event: Event) -> Result<Reply, Failure> {
        Err(Failure::new(event.text()?))
    }

    /// Ends a chain with the payload.
    #[action("final")]
    pub fn last(event: Event) -> Result<Reply, Failure> {
        Ok(Reply::Final(event.payload))
    }

    /// Goes on without a payload.
    pub fn nothing() -> Result<(), Failure> {
        Ok(())
    }

    /// Answers with as many bytes as the payload says.
    pub fn big_reply(Json(bytes): Json<usize>) -> Result<Reply, Failure> {
        Ok(Reply::bytes(vec![b'x'; bytes]))
    }

    /// Runs a command with so many arguments that are all the same megabyte.
    pub fn pass(
        Json((command, texts)): Json<(command::Description, usize)>,
    ) -> Result<(), Failure> {
        command::pass(command, texts);
        Ok(())
    }

    /// Never ends.
    pub fn spin() -> Result<(), Failure> {
        ends::spin()
    }

    /// Takes memory until there is none.
    pub fn allocate() -> Result<(), Failure> {
        ends::allocate()
    }

    /// Takes memory until there is none, and says so in order.
    pub fn exhaust() -> Result<(), Failure> {
        ends::exhaust()
    }

    /// Takes memory until there is none, and answers all the same.
    pub fn caught() -> Result<Reply, Failure> {
        ends::caught()
    }

    /// Keeps so many MiB for good.
    pub fn keep_mib(Json(mib): Json<usize>) -> Result<(), Failure> {
        ends::keep(mib);
        Ok(())
    }

    /// Calls itself until the stack is used up.
    pub fn deep_recursion() -> Result<(), Failure> {
        ends::deep_recursion()
    }

    /// Panics, with the payload as the message.
    pub fn trap(event: Event) -> Result<(), Failure> {
        panic!("{}", event.text()?)
    }

    /// Traps without a word.
    pub fn abort() -> Result<(), Failure> {
        std::process::abort()
    }

    /// Leaves the process by `exit` with the code in the payload.
    pub fn exit(Json(code): Json<i32>) -> Result<(), Failure> {
        std::process::exit(code)
    }

    /// Sleeps for as many milliseconds as the payload says.
    pub fn sleep(Json(ms): Json<u64>) -> Result<(), Failure> {
        std::thread::sleep(std::time::Duration::from_millis(ms));
        Ok(())
    }

    /// Counts the calls that this instance has answered.
    pub fn count() -> Result<Json<u64>, Failure> {
        Ok(Json(instance::count()))
    }

    /// Writes to stdout and stderr.
    pub fn stdout() -> Result<(), Failure> {
        output::print();
        Ok(())
    }

    /// Writes a log line of each level, with fields of each type, and one with
    /// control characters.
    pub fn log_lines() -> Result<(), Failure> {
        output::log_lines()
    }

    /// Writes log lines that the host refuses, and answers with the errors.
    pub fn log_refused() -> Result<Json<Value>, Failure> {
        Ok(Json(output::log_refused()))
    }

    /// Writes a log line as large as the payload says, in bytes.
    pub fn log_too_large(Json(bytes): Json<usize>) -> Result<(), Failure> {
        output::log_sized(bytes)
    }

    /// Answers with all configuration and with the value of the key in the
    /// payload.
    pub fn config(event: Event) -> Result<Json<Value>, Failure> {
        Ok(Json(interfaces::config(event.text()?)))
    }

    /// Answers with the caller.
    pub fn caller() -> Result<Json<Value>, Failure> {
        Ok(Json(interfaces::caller()))
    }

    /// Answers with this capsule's uuid.
    pub fn uuid() -> Result<Json<String>, Failure> {
        Ok(Json(boll_sdk::lifecycle::self_uuid()))
    }

    /// Says that the capsule is ready, twice.
    pub fn ready() -> Result<(), Failure> {
        boll_sdk::lifecycle::ready();
        boll_sdk::lifecycle::ready();
        Ok(())
    }

    /// Answers with the capabilities that this capsule holds.
    pub fn held() -> Result<Json<Value>, Failure> {
        Ok(Json(interfaces::held()))
    }

    /// Answers whether a capsule holds a capability.
    pub fn check(Json(query): Json<interfaces::Query>) -> Result<Json<bool>, Failure> {
        Ok(Json(interfaces::check(&query)))
    }

    /// Answers with the environment, the arguments and what `/` and the
    /// network give, all of which a host keeps empty.
    pub fn ambient() -> Result<Json<Value>, Failure> {
        Ok(Json(interfaces::ambient()))
    }

    /// Publishes to all subscribers at once, and answers with what they said.
    pub fn trigger(Json(what): Json<hooks::Publication>) -> Result<Json<Value>, Failure> {
        Ok(Json(hooks::trigger(&what.publish())))
    }

    /// Passes a payload through the subscribers, and answers with the verdict.
    pub fn intercept(Json(what): Json<hooks::Publication>) -> Result<Json<Value>, Failure> {
        Ok(Json(hooks::intercept(&what.publish())))
    }

    /// Triggers the first of the topics in the payload, which stand there with
    /// spaces between them, with the rest as the payload; answers as `trigger`.
    pub fn relay(event: Event) -> Result<Json<Value>, Failure> {
        Ok(Json(hooks::relay(event.text()?)))
    }

    /// Goes on with the payload, a `+`, and the configured `name` if there is
    /// one.
    pub fn append(event: Event) -> Result<Reply, Failure> {
        hooks::append(event.payload)
    }

    /// Does the steps in the payload with files, and answers with a result for
    /// each.
    pub fn files(Json(steps): Json<Vec<files::Step>>) -> Result<Json<Value>, Failure> {
        Ok(Json(files::take(steps)))
    }

    /// Does the steps in the payload with the network, and answers with a result
    /// for each.
    pub fn network(Json(steps): Json<Vec<network::Step>>) -> Result<Json<Value>, Failure> {
        Ok(Json(network::take(steps)))
    }

    /// Does one thing as hard as it can, for a while.
    pub fn noise(Json(noise): Json<noise::Noise>) -> Result<(), Failure> {
        noise.make()
    }

    /// Runs the command that the payload describes.
    pub fn run(Json(command): Json<command::Description>) -> Result<Json<Value>, Failure> {
        Ok(Json(command::run(command)))
    }

    /// Does the steps in the payload, and answers with a result for each.
    pub fn children(Json(steps): Json<Vec<children::Step>>) -> Result<Json<Value>, Failure> {
        Ok(Json(children::take(steps)))
    }

    /// Sends lines to a program, each after the answer to the one before, all
    /// through streams.
    pub fn repl(Json(session): Json<interactive::Session>) -> Result<Json<Value>, Failure> {
        session.repl(Stdio::piped(), stdout).map(Json)
    }

    /// Opens and ends a session with a language server, through streams.
    pub fn language_server(
        Json(session): Json<interactive::Session>,
    ) -> Result<Json<Value>, Failure> {
        session.language_server(Stdio::piped(), stdout).map(Json)
    }

    /// Starts a program and collects all that it writes.
    pub fn collect(Json(program): Json<through_sdk::Program>) -> Result<Json<Value>, Failure> {
        through_sdk::collect(&program).map(Json)
    }

    /// Starts a program and lets it live on; answers with its id.
    pub fn keep(Json(program): Json<through_sdk::Program>) -> Result<Json<ChildId>, Failure> {
        through_sdk::keep(&program).map(Json)
    }

    /// Starts a program and holds on to it from one call to the next; answers
    /// with how the one before ended.
    pub fn hold(Json(program): Json<through_sdk::Program>) -> Result<Json<Value>, Failure> {
        through_sdk::hold(&program).map(Json)
    }

    /// Talks to a program that was kept, and stops it.
    pub fn find(Json(id): Json<ChildId>) -> Result<Json<Value>, Failure> {
        through_sdk::find(&id).map(Json)
    }

    /// Runs the same command again and again until the host refuses, and
    /// answers with the refusal.
    pub fn until_denied(Json(command): Json<Value>) -> Result<Json<Value>, Failure> {
        loop {
            let answer = command::run(serde_json::from_value(command.clone())?);
            if answer.get("err").is_some() {
                return Ok(Json(answer));
            }
            boll_sdk::log::emit(boll_sdk::log::Level::Info, "allowed", &[])?;
        }
    }
}

fn stdout(child: &mut Child) -> ChildStdout {
    child.stdout.take().expect("it is piped")
}
