//! What `read-only`, `tools` and `path` of `[sandbox]` come to: the paths that processes see
//! beside the system's, and where they look programs up.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use boll_host::document::{Document, DocumentError};
use boll_host::policy::Surroundings;
use boll_host::sandbox::SandboxBackend;
use toml::Spanned;

use super::folders;
use super::tools::{Found, Machine, Tool};
use super::variables::RawVariables;
use crate::foreign;
use crate::way::Way;

/// What the operator's file names.
pub(super) struct Named<'a> {
    pub(super) backend: SandboxBackend,
    pub(super) read_only: &'a [Spanned<PathBuf>],
    pub(super) tools: &'a [Spanned<String>],
    pub(super) path: &'a [Spanned<PathBuf>],
    pub(super) variables: &'a RawVariables,
}

/// What it comes to.
#[derive(Default)]
pub(super) struct Shown {
    /// Further paths, each with the place in the file that names it.
    pub(super) paths: Vec<(PathBuf, Range<usize>)>,
    /// Links on the way from the system's programs to what is shown, each with its target.
    pub(super) links: Vec<(PathBuf, PathBuf)>,
    /// Where programs are looked up before the system's.
    pub(super) path: Vec<PathBuf>,
    pub(super) tools: Vec<(Tool, Found)>,
}

/// What processes see of the machine in every sandbox.
const SEEN: [&str; 9] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib64",
    "/etc/ssl",
    "/etc/pki",
    "/etc/ca-certificates",
    "/etc/alternatives",
];

/// What they have something of their own at.
const OWN: [&str; 6] = [
    "/workspace",
    "/home/capsule",
    "/tmp",
    "/dev",
    "/proc",
    "/run",
];

impl Shown {
    /// Returns the variables of the toolchains.
    pub(super) fn variables(&self) -> impl Iterator<Item = (String, String)> {
        let found = self.tools.iter().flat_map(|(_, found)| &found.variables);
        found.map(|(name, value)| ((*name).to_owned(), value.clone()))
    }

    /// Adds a path, unless it is shown with another.
    fn add(&mut self, path: &Path, span: Range<usize>) {
        if !self.has(path) {
            self.paths.push((path.to_owned(), span));
        }
    }

    fn has(&self, path: &Path) -> bool {
        let mut paths = self.paths.iter();
        paths.any(|(shown, _)| path.starts_with(shown))
    }
}

/// Finds and judges it.
pub(super) fn find(
    document: &Document<'_>,
    host: &Surroundings,
    named: &Named<'_>,
) -> Result<Shown, DocumentError> {
    let mut shown = Shown::default();
    for path in named.read_only {
        folders::judge_further(path.get_ref(), host)
            .map_err(|unfit| unfit.at(document, path.span()))?;
        shown.paths.push((path.get_ref().clone(), path.span()));
    }
    for name in named.tools {
        let (tool, found) = toolchain(document, name)?;
        // Without a sandbox everything is seen.
        if named.backend != SandboxBackend::None {
            for path in &found.shows {
                folders::judge_further(path, host)
                    .map_err(|unfit| unfit.at(document, name.span()))?;
                shown.add(path, name.span());
            }
        }
        shown.path.extend(found.path.iter().cloned());
        shown.tools.push((tool, found));
    }
    for folder in named.path {
        let path = folder.get_ref();
        if named.backend == SandboxBackend::None || is_seen(path) {
            folders::plain_path(path).map_err(|unfit| unfit.at(document, folder.span()))?;
        } else {
            folders::judge_further(path, host)
                .map_err(|unfit| unfit.at(document, folder.span()))?;
            shown.add(path, folder.span());
        }
        if path.to_str().is_none_or(|text| text.contains(':')) || !path.is_dir() {
            let message = "it has to be a folder whose path is UTF-8 without `:`".to_owned();
            return Err(document.error(Some(folder.span()), message));
        }
        shown.path.push(path.clone());
    }
    if named.backend != SandboxBackend::None {
        require_shown(document, named, &shown)?;
        shown.links = links(&shown);
    }
    Ok(shown)
}

/// Where administrators put links to programs that lie elsewhere.
const LINKED: &str = "/usr/local/bin";

/// Returns the links outside of what processes see over which programs lead to it.
fn links(shown: &Shown) -> Vec<(PathBuf, PathBuf)> {
    const ENTRIES: usize = 10_000;
    if shown.paths.is_empty() {
        return Vec::new();
    }
    let entries = fs::read_dir(LINKED).into_iter().flatten().flatten();
    let ways = entries.take(ENTRIES).map(|entry| Way::of(&entry.path()));
    let ways = ways.filter(|way| shown.has(&way.end));
    let hidden = ways
        .flat_map(|way| way.through)
        .filter(|link| !is_seen(link) && !shown.has(link));
    let links: BTreeMap<PathBuf, PathBuf> = hidden
        .filter_map(|link| Some((link.clone(), fs::read_link(&link).ok()?)))
        .collect();
    links.into_iter().collect()
}

/// Rejects a variable that names a file of the host, such as one of certificates, which
/// processes would not find.
fn require_shown(
    document: &Document<'_>,
    named: &Named<'_>,
    shown: &Shown,
) -> Result<(), DocumentError> {
    for (name, value) in named.variables {
        let path = Path::new(value.expose());
        let is_own = OWN.iter().any(|own| path.starts_with(own));
        let is_there = is_own || is_seen(path) || shown.has(path);
        let is_hidden = path.is_absolute() && !is_there;
        if is_hidden && path.exists() {
            let name_of = name.get_ref();
            let message = format!("`{name_of}` names a path that processes are not shown");
            let error = document.error(Some(name.span()), message).without_span();
            return Err(error.with_hint(Some("add it to `read-only` of [sandbox]".to_owned())));
        }
    }
    Ok(())
}

fn is_seen(path: &Path) -> bool {
    SEEN.iter().any(|seen| path.starts_with(seen))
}

fn toolchain(
    document: &Document<'_>,
    name: &Spanned<String>,
) -> Result<(Tool, Found), DocumentError> {
    let error = |message: String| document.error(Some(name.span()), message);
    let shown = name.get_ref().escape_debug();
    let tool = Tool::named(name.get_ref());
    let tool = tool.ok_or_else(|| {
        error(format!(
            "`{shown}` is no toolchain that Boll knows: {}",
            Tool::names()
        ))
    })?;
    let found = Machine::of_user().find(tool);
    let found = found.map_err(|why| {
        let hint = "install it, or show its folder with `read-only` and its programs with `path`";
        error(format!("the toolchain `{shown}` was not found: {why}"))
            .with_hint(Some(hint.to_owned()))
    })?;
    Ok((tool, found))
}

/// The folders of the user's search path that processes do not have.
pub(super) fn elsewhere() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path);
    folders
        .filter(|folder| folder.is_absolute() && !is_seen(folder))
        .collect()
}

/// Returns whether processes find the workspace under its own path: where that is below a
/// home, and tells its name, only if the workspace itself does, by a virtual environment.
pub(super) fn own_path(workspace: &Path, host: &Surroundings) -> bool {
    !host.is_at_home(workspace) || names_itself(workspace)
}

/// Whether a virtual environment at the top of a folder names the folder.
fn names_itself(folder: &Path) -> bool {
    const ENTRIES: usize = 1_000;
    let Some(own) = folder.to_str() else {
        return false;
    };
    let names = |path: &Path| {
        // A FIFO there would not be opened.
        foreign::text(&path.join("pyvenv.cfg")).is_ok_and(|text| {
            let mut words = text.split_ascii_whitespace();
            words.any(|word| Path::new(word).starts_with(own))
        })
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.take(ENTRIES).any(|entry| names(&entry.path()))
}

/// Returns the lines for the operator's file with which processes see a program.
pub(crate) fn how_to_show(program: &Path) -> String {
    let name = program.file_name().and_then(|name| name.to_str());
    let lines = match name.and_then(Tool::of_program) {
        Some(tool) => format!("tools = [\"{}\"]", tool.name()),
        None => {
            let real = program
                .canonicalize()
                .unwrap_or_else(|_| program.to_owned());
            // Where programs are looked up by this name: a link may have another one.
            let named = match real.file_name() == program.file_name() {
                true => &real,
                false => program,
            };
            let folder = named.parent().unwrap_or(Path::new("/"));
            let shown = boll_host::sandbox::to_show(&real);
            let list = |path: &Path| -> toml_edit::Array { path.to_str().into_iter().collect() };
            match shown.starts_with(folder) {
                true => format!("path = {}", list(folder)),
                false => format!("read-only = {}\npath = {}", list(&shown), list(folder)),
            }
        }
    };
    format!("to show it to processes, write into the operator's file:\n[sandbox]\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_named_only_where_the_workspace_names_it_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path().canonicalize().expect("a path");
        let host = Surroundings {
            homes: vec![home.clone()],
            ..Surroundings::default()
        };
        let workspace = home.join("project");
        fs::create_dir_all(workspace.join(".venv")).expect("folders");
        assert!(!own_path(&workspace, &host));
        let names = |path: &Path| {
            let text = format!(
                "home = /usr/bin\ncommand = python3 -m venv {}\n",
                path.display()
            );
            fs::write(workspace.join(".venv/pyvenv.cfg"), text).expect("written");
        };
        names(&home.join("other/.venv"));
        assert!(!own_path(&workspace, &host));
        names(&workspace.join(".venv"));
        assert!(own_path(&workspace, &host));
        assert!(own_path(Path::new("/srv/project"), &host));
    }

    #[test]
    fn the_lines_that_show_a_program_name_what_it_belongs_to() {
        let shown = how_to_show(Path::new("/home/me/.cargo/bin/cargo"));
        assert!(shown.ends_with("[sandbox]\ntools = [\"rust\"]"), "{shown}");
        let folder = tempfile::tempdir().expect("a folder");
        let top = folder.path().canonicalize().expect("a path");
        fs::create_dir_all(top.join("thing/bin")).expect("folders");
        fs::write(top.join("thing/bin/tool"), "").expect("written");
        let shown = how_to_show(&top.join("thing/bin/tool"));
        let top = top.display();
        let expected =
            format!("[sandbox]\nread-only = [\"{top}/thing\"]\npath = [\"{top}/thing/bin\"]");
        assert!(shown.ends_with(&expected), "{shown}");
        // A file alone, and a link with another name.
        fs::create_dir_all(folder.path().join("home/bin")).expect("folders");
        fs::create_dir_all(folder.path().join("home/project")).expect("folders");
        fs::write(folder.path().join("home/bin/script"), "").expect("written");
        fs::write(folder.path().join("home/project/main.py"), "").expect("written");
        let link = folder.path().join("home/bin/run");
        std::os::unix::fs::symlink("../project/main.py", &link).expect("a link");
        let home = folder.path().canonicalize().expect("a path").join("home");
        let at = home.display();
        let linked = format!("read-only = [\"{at}/project/main.py\"]\npath = [\"{at}/bin\"]");
        // What `bin` lies in is shown with it, as for every program.
        let script = format!("read-only = [\"{at}\"]\npath = [\"{at}/bin\"]");
        for (name, expected) in [("run", linked), ("script", script)] {
            let shown = how_to_show(&home.join("bin").join(name));
            assert!(shown.ends_with(&expected), "{name}: {shown}");
        }
    }
}
