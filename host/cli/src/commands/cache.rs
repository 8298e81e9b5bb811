//! `boll cache`: the compiled components that Boll keeps.

use std::time::SystemTime;

use boll_host::engine::{CachedComponent, ComponentCache};
use clap::{Args, Subcommand};
use serde_json::json;

use super::Verb;
use crate::args::App;
use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::home::cache_folder;
use crate::report;

/// List or remove the compiled components that Boll keeps
#[derive(Debug, Args)]
pub(crate) struct Cache {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the compiled components, the last used first
    List,
    /// Remove all compiled components: each is compiled again when it is next loaded
    Clear,
}

impl Verb for Cache {
    fn needs_room(&self) -> bool {
        false
    }

    fn run(&self, app: &App) -> Done {
        let folder = cache_folder()?.join("components");
        let unreadable = || format!("cannot read the cache {}", folder.display());
        // Opening makes the folder, which neither needs.
        let is_there = folder.try_exists().or_fail(Code::Machine, unreadable)?;
        let cache = is_there.then(|| ComponentCache::open(&folder)).transpose();
        let cache = cache.map_err(|error| Failure::from_error(Code::Machine, &error))?;
        let (components, done) = match (&self.what, cache) {
            (What::List, cache) => (cache.map(|cache| cache.components()), "holds"),
            (What::Clear, cache) => (cache.map(|cache| cache.clear()), "removed"),
        };
        let components = components.transpose().or_fail(Code::Machine, unreadable)?;
        let components = components.unwrap_or_default();
        let bytes: u64 = components.iter().map(|one| one.bytes).sum();
        if app.is_json() {
            let listed: Vec<_> = components.iter().map(in_json).collect();
            return report::json(&json!({
                "folder": folder.display().to_string(),
                "components": listed,
                "bytes": bytes,
                "bound": ComponentCache::BOUND,
                "cleared": matches!(self.what, What::Clear),
            }));
        }
        let mut lines: Vec<String> = components.iter().map(line).collect();
        lines.push(format!(
            "{}: {done} {} of compiled components, {:.1} of at most {:.0} MiB",
            folder.display(),
            components.len(),
            mib(bytes),
            mib(ComponentCache::BOUND),
        ));
        report::text(&lines.join("\n"))
    }
}

fn in_json(component: &CachedComponent) -> serde_json::Value {
    json!({
        "file": component.path.display().to_string(),
        "bytes": component.bytes,
        "unused_s": unused(component),
    })
}

fn line(component: &CachedComponent) -> String {
    let name = component.path.file_name().unwrap_or_default();
    format!(
        "{:8.1} MiB  used {:>4} h ago  {}",
        mib(component.bytes),
        unused(component) / 3600,
        name.display()
    )
}

/// Returns for how many seconds it was not used.
fn unused(component: &CachedComponent) -> u64 {
    let since = SystemTime::now().duration_since(component.used);
    since.map_or(0, |since| since.as_secs())
}

#[expect(clippy::cast_precision_loss, reason = "it is shown with one digit")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
