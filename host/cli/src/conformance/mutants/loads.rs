//! Faults in what a host makes of a manifest, of grants, of configuration and of its settings.

use serde_json::{Map, Value};

use super::change::{Change, each, each_config, without};
use super::{Fault, fault};

/// What a manifest asks for and an operator grants.
pub(super) static FAULTS: &[Fault] = &[
    fault(
        "network-for-all",
        "process-network",
        "every process has the host's network",
        Change::Loaded(|manifest, grants| {
            each(manifest, "process", |process| {
                set(process, "network", "host")
            });
            grants.push("network:host".to_owned());
        }),
    ),
    fault(
        "workspace-write-ungranted",
        "process-workspace",
        "the workspace is writable without workspace:write",
        Change::Loaded(|_, grants| grants.push("workspace:write".to_owned())),
    ),
    fault(
        "workspace-write-unasked",
        "process-workspace",
        "the workspace is writable where the manifest asks for reading",
        Change::Loaded(|manifest, _| {
            each(manifest, "process", |process| {
                set(process, "workspace", "read-write")
            });
        }),
    ),
    fault(
        "arguments-ignored",
        "process-arguments",
        "the arguments in the manifest are ignored",
        Change::Loaded(|manifest, _| {
            each(manifest, "process", |process| drop(process.remove("args")));
        }),
    ),
    fault(
        "granted-arguments-ignored",
        "process-denied",
        "the arguments in a grant are ignored",
        Change::Loaded(|_, grants| {
            for grant in grants {
                if let Some((program, _)) = grant.split_once(' ') {
                    *grant = program.to_owned();
                }
            }
        }),
    ),
    fault(
        "variables-ignored",
        "process-arguments",
        "a command sets variables that the manifest does not list",
        Change::Loaded(|manifest, _| {
            each(manifest, "process", |process| {
                let all = ["LISTED", "OTHER"].map(toml::Value::from);
                process.insert("env".to_owned(), toml::Value::Array(all.into()));
            });
        }),
    ),
    fault(
        "program-ungranted",
        "process-denied",
        "a program starts that is not granted",
        Change::Loaded(|_, grants| grants.push("process:sh".to_owned())),
    ),
    fault(
        "publish-all",
        "hook-publish",
        "a capsule publishes to topics that it is not granted",
        Change::Loaded(|_, grants| grants.push("publish:**".to_owned())),
    ),
    fault(
        "publish-unasked",
        "hook-patterns",
        "a capsule publishes to topics that its manifest does not ask for",
        Change::Loaded(|manifest, _| each(manifest, "publish", |one| set(one, "topic", "**"))),
    ),
    fault(
        "subscribe-all",
        "hook-ungranted",
        "a capsule is told of topics that it is not granted",
        Change::Loaded(|_, grants| grants.push("subscribe:**".to_owned())),
    ),
    fault(
        "star-is-rest",
        "hook-patterns",
        "a star in a pattern is any number of segments",
        Change::Loaded(|manifest, _| {
            each(manifest, "hook", |hook| {
                replace(hook, "topic", "git.*", "git.**")
            });
        }),
    ),
    fault(
        "rest-is-not-none",
        "hook-patterns",
        "two stars are at least one segment",
        Change::Loaded(|manifest, _| {
            each(manifest, "hook", |hook| {
                replace(hook, "topic", "git.**", "git.*")
            });
        }),
    ),
    fault(
        "priority-ignored",
        "hook-trigger",
        "the priority of a subscription is ignored",
        Change::Loaded(|manifest, _| {
            each(manifest, "hook", |hook| drop(hook.remove("priority")));
        }),
    ),
    fault(
        "on-failure-ignored",
        "hook-intercept",
        "a chain stops at a failure, whatever the subscription says",
        Change::Loaded(|manifest, _| {
            each(manifest, "hook", |hook| drop(hook.remove("on-failure")));
        }),
    ),
    fault(
        "instance-kept",
        "instance",
        "a fresh instance is kept for the next call",
        Change::Loaded(|manifest, _| {
            let instance = toml::Table::from_iter([("mode".to_owned(), "resident".into())]);
            manifest.entry("instance").or_insert(instance.into());
        }),
    ),
    fault(
        "resident-not-kept",
        "instance",
        "a resident instance is thrown away",
        Change::Loaded(|manifest, _| drop(manifest.remove("instance"))),
    ),
    fault(
        "resident-kept-for-ever",
        "instance",
        "a resident instance takes more calls than the manifest says",
        Change::Loaded(|manifest, _| without(manifest, "instance", "calls")),
    ),
    fault(
        "queue-ignored",
        "call-time",
        "a call waits for a slot that the manifest gives no queue for",
        Change::Loaded(|manifest, _| without(manifest, "instance", "queue")),
    ),
    fault(
        "manifest-time-ignored",
        "call-time",
        "the time of a call in the manifest is ignored",
        Change::Loaded(|manifest, _| without(manifest, "instance", "time-ms")),
    ),
    fault(
        "requires-ignored",
        "requires",
        "a capsule is loaded without those that it requires",
        Change::Loaded(|manifest, _| drop(manifest.remove("requires"))),
    ),
    fault(
        "required-version-ignored",
        "requires",
        "a required capsule may have any version",
        Change::Loaded(|manifest, _| {
            if let Some(requires) = manifest.get_mut("requires") {
                let all = requires.as_table_mut().into_iter().flatten();
                all.for_each(|(_, version)| *version = "*".into());
            }
        }),
    ),
    fault(
        "types-ignored",
        "config-refused",
        "a value of configuration is not checked against its type",
        Change::Loaded(|manifest, _| {
            each_config(manifest, |key| {
                set(key, "type", "string");
                key.remove("values");
                key.remove("default");
            });
        }),
    ),
    fault(
        "required-key-ignored",
        "config-refused",
        "a capsule is loaded without a value that it requires",
        Change::Loaded(|manifest, _| each_config(manifest, |key| drop(key.remove("required")))),
    ),
    fault(
        "defaults-ignored",
        "config-get",
        "the defaults of configuration are ignored",
        Change::Loaded(|manifest, _| each_config(manifest, |key| drop(key.remove("default")))),
    ),
    fault(
        "first-configuration-kept",
        "config-reload",
        "the configuration of the first load is kept for ever",
        Change::FirstConfig,
    ),
    fault(
        "folders-writable",
        "files",
        "a folder that is granted for reading is writable",
        Change::Loaded(|_, grants| {
            for grant in grants {
                *grant = grant.replace("files:", "files-write:");
            }
        }),
    ),
    fault(
        "folders-unasked",
        "files",
        "a folder that is asked for to be read is writable",
        Change::Loaded(|manifest, grants| {
            each(manifest, "files", |files| {
                set(files, "access", "read-write")
            });
            if let [grant] = &mut grants[..] {
                *grant = grant.replace("files:", "files-write:");
            }
        }),
    ),
    fault(
        "all-shown",
        "process-view",
        "a process sees what lies beside the paths that are shown to it",
        Change::Settings(|settings| {
            let paths = settings.get_mut("read-only").and_then(Value::as_array_mut);
            for path in paths.into_iter().flatten() {
                let above = path.as_str().and_then(|path| path.rsplit_once('/'));
                *path = above.map_or(Value::Null, |(above, _)| above.into());
            }
        }),
    ),
    fault(
        "nothing-shown",
        "process-view",
        "a process does not see the paths that the host shows it",
        Change::Settings(|settings| drop(settings.remove("read-only"))),
    ),
    fault(
        "run-loop-not-restarted",
        "lifecycle-run",
        "a run loop that fails is not started again",
        Change::Settings(|settings| drop(settings.insert("restarts".to_owned(), 0.into()))),
    ),
    fault(
        "run-loop-restarted-once-more",
        "lifecycle-run",
        "a run loop is started once more than the host's setting says",
        Change::Settings(|settings| drop(settings.insert("restarts".to_owned(), 3.into()))),
    ),
    fault(
        "settings-dropped",
        "log-enabled",
        "all settings of the host are dropped",
        Change::Settings(Map::clear),
    ),
];

fn set(table: &mut toml::Table, key: &str, value: &str) {
    table.insert(key.to_owned(), value.into());
}

fn replace(table: &mut toml::Table, key: &str, from: &str, to: &str) {
    if table.get(key).and_then(toml::Value::as_str) == Some(from) {
        set(table, key, to);
    }
}
