//! How a capsule is run, in words, for `boll check` and `boll explain`.

use boll_host::RuntimeLimits;
use boll_host::capsule::Manifest;
use boll_host::plain::shortened;

/// Returns how its instances live, what each may use, and what has to be loaded before
/// it.
pub(super) fn runs(manifest: &Manifest, limits: &RuntimeLimits) -> Vec<String> {
    let instance = &manifest.instance;
    // The effective limit, and whose it is if it is not the manifest's.
    let memory = instance.memory.map(|asked| {
        let holds = asked.min(limits.max_memory);
        let cut = (asked > holds).then(|| format!("{} MiB", asked >> 20));
        format!("memory {} MiB{}", holds >> 20, of_host(cut))
    });
    let time = instance.time.map(|asked| {
        let holds = asked.min(limits.max_time);
        let cut = (asked > holds).then(|| format!("{} ms", asked.as_millis()));
        format!("time of a call {} ms{}", holds.as_millis(), of_host(cut))
    });
    let concurrency = instance.concurrency.map(|asked| {
        let holds = asked.min(limits.instances);
        let cut = (asked > holds).then(|| asked.to_string());
        format!("calls at a time {holds}{}", of_host(cut))
    });
    let queue = instance.queue.map(|calls| format!("waiting calls {calls}"));
    let requires = manifest.requires.iter();
    let requires = requires.map(|(id, version)| {
        let version = version.to_string();
        format!("requires {id} {}", shortened(&version))
    });
    let said = [
        Some(instance.mode.to_string()),
        memory,
        time,
        concurrency,
        queue,
    ];
    said.into_iter().flatten().chain(requires).collect()
}

fn of_host(cut: Option<String>) -> String {
    cut.map_or_else(String::new, |asked| {
        format!(", the host's limit; the manifest asks for {asked}")
    })
}
