//! The defaults that the schemas name are those of the code.

use std::collections::BTreeMap;
use std::time::Duration;

use boll_host::capsule::{GuestLimits, Manifest};
use boll_host::process::ProcessSettings;
use boll_host::sandbox::SandboxSettings;
use boll_host::services::log::{FileSettings, LogRate};
use boll_host::{RuntimeLimits, ServiceSettings};

use super::table::tables;
use crate::schema::Schema;

/// The whole numbers that a schema names as defaults: `[TABLE] KEY`, and the number.
fn named(schema: Schema, in_tables: &[&str]) -> BTreeMap<String, u64> {
    let tables = tables(&schema.json());
    let tables = tables
        .iter()
        .filter(|table| in_tables.contains(&&*table.head()));
    let keys = tables.flat_map(|table| {
        let keys = table.keys().filter_map(|key| {
            let default = table.key(key)["default"].as_u64()?;
            Some((format!("{table} {key}"), default))
        });
        keys.collect::<Vec<_>>()
    });
    keys.collect()
}

fn of(table: &str, keys: &[(&str, u64)]) -> BTreeMap<String, u64> {
    let keys = keys.iter();
    keys.map(|(key, number)| (format!("[{table}] {key}"), *number))
        .collect()
}

fn ms(time: Duration) -> u64 {
    time.as_millis().try_into().expect("a short time")
}

#[test]
fn of_the_operators_file() {
    let sandbox = SandboxSettings::new("/workspace");
    let process = ProcessSettings::default();
    let guest = GuestLimits::default();
    let engine = RuntimeLimits::default().engine;
    let (files, rate) = (FileSettings::default(), LogRate::default());
    let most = |number: Option<u32>| number.expect("a bound").into();
    let mib = |bytes: u64| bytes >> 20;
    let tables = [
        of(
            "sandbox",
            &[
                ("tmp-mib", mib(sandbox.tmp_bytes)),
                ("home-mib", mib(sandbox.home_bytes)),
                ("shm-mib", mib(sandbox.shm_bytes)),
            ],
        ),
        of(
            "process",
            &[
                ("interrupt-ms", ms(process.grace.interrupt)),
                ("terminate-ms", ms(process.grace.terminate)),
                ("runs", process.runs.into()),
                ("children", process.children.into()),
                ("unreleased", process.unreleased.into()),
                ("ring-mib", mib(process.ring_bytes)),
                ("memory-mib", mib(process.memory.most().expect("a bound"))),
                ("pids", most(process.pids.most())),
                ("cpu-weight", most(process.cpu_weight.most())),
                ("file-mib", mib(process.file_size.expect("a bound"))),
            ],
        ),
        of(
            "guest",
            &[
                ("memory-mib", mib(guest.memory)),
                ("all-memory-mib", mib(guest.all_memory)),
                ("descriptors", guest.descriptors.into()),
                ("host-mib", mib(guest.host_bytes)),
                ("resources", guest.resources.into()),
                ("file-calls", guest.file_calls.into()),
                ("core-instances", engine.core_instances.into()),
                ("memories", engine.memories.into()),
                ("tables", engine.tables.into()),
                ("stack-kib", engine.stack >> 10),
            ],
        ),
        of(
            "log",
            &[
                ("rotate-mib", mib(files.rotate_bytes.get())),
                ("keep-days", most(files.keep.days)),
                ("keep-mib", mib(files.keep.bytes.expect("a bound"))),
                ("rate", rate.lines.into()),
                ("burst", rate.burst.into()),
                ("rate-mib", mib(rate.bytes)),
                ("burst-mib", mib(rate.burst_bytes)),
            ],
        ),
    ];
    let code: BTreeMap<String, u64> = tables.into_iter().flatten().collect();
    let heads = ["[sandbox]", "[process]", "[guest]", "[log]"];
    assert_eq!(named(Schema::Operator, &heads), code);
}

#[test]
fn of_a_manifest() {
    let limits = RuntimeLimits::default();
    let ready = ServiceSettings::default().ready;
    let mut code = of(
        "instance",
        &[
            ("memory-mib", limits.memory >> 20),
            ("time-ms", ms(limits.time)),
            ("concurrency", limits.capsule_calls.into()),
            ("queue", limits.capsule_queue.into()),
            ("memory-percent", limits.resident_memory_percent.into()),
        ],
    );
    code.extend(of("service", &[("ready-ms", ms(ready))]));
    let heads = ["[instance]", "[service]"];
    assert_eq!(named(Schema::Capsule, &heads), code);

    // What a manifest sets to its default is as if it were left out.
    let parsed = |document: toml::Table| {
        let manifest = Manifest::parse("Capsule.toml", &document.to_string());
        format!("{:?}", manifest.expect("a manifest"))
    };
    let tables = tables(&Schema::Capsule.json());
    let of_the_host = |head: &str| heads.contains(&head);
    for table in tables {
        for key in table.keys() {
            let default = &table.key(key)["default"];
            let numbered = of_the_host(&table.head()) && default.is_number();
            if default.is_null() || numbered {
                continue;
            }
            let default = toml::Value::try_from(default).expect("TOML has it");
            let (left_out, set) = (table.document(), table.with(key, default));
            assert_eq!(parsed(left_out), parsed(set), "{table} {key}");
        }
    }
}
