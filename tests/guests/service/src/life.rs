//! The steps of the capsule's life, as the configuration says.

use boll_sdk::{Failure, config, lifecycle, log};
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

static RUNNING: OnceLock<()> = OnceLock::new();
static INSTALLED: OnceLock<()> = OnceLock::new();
static UPGRADED_FROM: OnceLock<String> = OnceLock::new();

pub(crate) fn run() -> Result<(), Failure> {
    RUNNING.get_or_init(|| ());
    log::info!("running");
    let how = configured("run", "ready-and-sleep")?;
    let ready = how
        .strip_prefix("ready-and-")
        .or_else(|| how.strip_prefix("ready-then-"));
    if ready.is_some() {
        lifecycle::ready();
        log::info!("ready");
    }
    match ready.unwrap_or(&how) {
        "sleep" | "never-ready" => loop {
            thread::sleep(Duration::from_secs(3_600));
        },
        "spin" => loop {
            black_box(());
        },
        "end" => Ok(()),
        "fail" => Err(Failure::new("it rains")),
        "trap" => panic!("the run loop traps"),
        _ => Err(unknown("run", &how)),
    }
}

pub(crate) fn install() -> Result<(), Failure> {
    ends_as_configured("install")?;
    INSTALLED.get_or_init(|| ());
    log::info!("installed");
    Ok(())
}

pub(crate) fn upgrade(previous: &str) -> Result<(), Failure> {
    ends_as_configured("upgrade")?;
    UPGRADED_FROM.get_or_init(|| previous.to_owned());
    log::info!("upgraded from {previous}");
    Ok(())
}

pub(crate) fn state() -> Value {
    json!({
        "running": RUNNING.get().is_some(),
        "installed": INSTALLED.get().is_some(),
        "upgraded_from": UPGRADED_FROM.get(),
    })
}

fn ends_as_configured(step: &str) -> Result<(), Failure> {
    let how = configured(step, "ok")?;
    match how.as_str() {
        "ok" => Ok(()),
        "refuse" => Err(Failure::new("it rains")),
        "trap" => panic!("the {step} traps"),
        "spin" => loop {
            black_box(());
        },
        _ => Err(unknown(step, &how)),
    }
}

fn configured(key: &str, first: &str) -> Result<String, Failure> {
    match config::get::<String>(key) {
        Ok(value) => Ok(value.unwrap_or_else(|| first.to_owned())),
        Err(config::Error::Undeclared(_)) => Ok(first.to_owned()),
        Err(error) => Err(error.into()),
    }
}

fn unknown(key: &str, value: &str) -> Failure {
    Failure::new(format!("`{key}` cannot be `{value}`"))
}
