//! Which files of a folder tell what building it takes from elsewhere.

use std::path::Path;

/// How the words of a file are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// Source code: only files that it includes from elsewhere count.
    Source,
    /// A file that a build executes or obeys: everything that it names counts.
    Build,
    /// A list of libraries: folders that it names count as a whole.
    Libraries,
}

/// Files that tools also look for in the folders around a project.
pub(super) const AROUND: [&str; 20] = [
    ".cargo",
    ".npmrc",
    ".pnp.cjs",
    ".pnp.loader.mjs",
    ".yarnrc",
    ".yarnrc.yml",
    "Cargo.lock",
    "Cargo.toml",
    "babel.config.js",
    "go.mod",
    "go.work",
    "go.work.sum",
    "node_modules",
    "package.json",
    "pnpm-workspace.yaml",
    "rust-toolchain",
    "rust-toolchain.toml",
    "tsconfig.json",
    "uv.toml",
    "vendor",
];

/// Files that are looked for in a folder that a build goes up to.
pub(super) const OF_BUILDS: [&str; 9] = [
    "Cargo.toml",
    "GNUmakefile",
    "Makefile",
    "go.mod",
    "makefile",
    "package.json",
    "pyproject.toml",
    "requirements.txt",
    "setup.py",
];

/// Folders that tools have installed or made: in them only links count, and files that
/// lead elsewhere.
pub(super) const INSTALLED: [&str; 5] = [".venv", "__pycache__", "dist", "node_modules", "venv"];

/// The names of files of tools that run commands, whatever their extension is:
/// `Taskfile.dist.yml`, `.justfile`.
const OF_TOOLS: [&str; 20] = [
    "bsdmakefile",
    "containerfile",
    "dockerfile",
    "earthfile",
    "gemfile",
    "gnumakefile",
    "gruntfile",
    "gulpfile",
    "jakefile",
    "justfile",
    "makefile",
    "procfile",
    "rakefile",
    "sconscript",
    "sconstruct",
    "snakefile",
    "taskfile",
    "tiltfile",
    "vagrantfile",
    "wscript",
];

/// The first part of the names of files for Python packages that are installed in place.
pub(super) const EDITABLE: &str = "__editable__";

impl Kind {
    /// Returns the kind of a file, by its name; `None` for files that name nothing.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let lower = name.to_ascii_lowercase();
        let (stem, end) = lower.rsplit_once('.').unwrap_or((&lower, ""));
        let first = lower.trim_start_matches('.').split('.').next();
        let first = first.unwrap_or_default();
        let in_cargo = path
            .parent()
            .is_some_and(|folder| folder.ends_with(".cargo"));
        let kind = match (name, end) {
            ("Cargo.toml" | "package.json" | "pyproject.toml" | "go.mod" | "go.work", _)
            | ("setup.cfg" | "Pipfile" | "pnpm-workspace.yaml" | "lerna.json" | "uv.toml", _)
            | (_, "pth" | "egg-link") => Self::Libraries,
            (_, "txt" | "in")
                if ["require", "constraint"]
                    .iter()
                    .any(|sign| stem.contains(sign))
                    || path
                        .parent()
                        .is_some_and(|folder| folder.ends_with("requirements")) =>
            {
                Self::Libraries
            }
            ("build.rs" | "setup.py" | "meson.build" | "CMakeLists.txt" | "rust-toolchain", _)
            | ("rust-toolchain.toml" | "pip.conf" | "pyvenv.cfg" | "direct_url.json", _)
            | (".npmrc" | ".yarnrc" | ".yarnrc.yml" | ".pnpmfile.cjs" | ".pnp.cjs", _)
            | ("meson_options.txt" | "conanfile.txt" | "pom.xml" | "build.xml" | "tox.ini", _)
            | ("mise.toml" | ".mise.toml" | "pixi.toml" | "bunfig.toml" | ".env", _)
            | ("deno.json" | "deno.jsonc" | "lefthook.yml" | "build.zig" | "magefile.go", _)
            | (
                "dodo.py" | "noxfile.py" | "tasks.py" | "fabfile.py" | "conanfile.py"
                | "conftest.py",
                _,
            )
            | ("BUILD" | "WORKSPACE" | "configure" | ".tool-versions", "" | "tool-versions")
            | (_, "mk" | "mak" | "make" | "cmake" | "sh" | "bash" | "dash" | "ksh" | "csh")
            | (_, "zsh" | "fish" | "bzl" | "bazel" | "ninja" | "gradle" | "nix" | "m4" | "ac")
            | (_, "gyp" | "gypi" | "rake" | "gemspec" | "just") => Self::Build,
            _ if lower.ends_with(".gradle.kts") => Self::Build,
            (_, "yml" | "yaml") if stem.ends_with("compose") => Self::Build,
            _ if OF_TOOLS.contains(&first) => Self::Build,
            ("config" | "config.toml", _) if in_cargo => Self::Build,
            ("package-lock.json" | "npm-shrinkwrap.json" | "pnpm-lock.yaml" | "yarn.lock", _)
            | ("poetry.lock" | "uv.lock" | "pdm.lock", _) => Self::Source,
            (_, "json") if stem.starts_with("tsconfig") || stem.starts_with("jsconfig") => {
                Self::Build
            }
            _ if name.starts_with(EDITABLE) => Self::Build,
            // Such as `.babelrc`.
            _ if name.starts_with('.') && (end.ends_with("rc") || stem.ends_with("rc")) => {
                Self::Build
            }
            (_, "js" | "cjs" | "mjs" | "ts") if stem.ends_with(".config") => Self::Build,
            (_, "rs" | "c" | "h" | "cc" | "cpp" | "hpp" | "s" | "js" | "mjs" | "cjs" | "ts")
            | (_, "mts" | "cts" | "jsx" | "tsx" | "py" | "go" | "wit")
            | (_, "cxx" | "hh" | "hxx" | "inc" | "inl" | "ipp" | "tcc" | "tpp" | "def" | "ld")
            | (_, "pyi" | "pyx" | "pxd" | "zig" | "jl" | "ex" | "exs" | "el" | "scm" | "nim") => {
                Self::Source
            }
            _ if is_script(end) => Self::Source,
            _ => return None,
        };
        Some(kind)
    }
}

/// Returns whether files with this extension are run by an interpreter, which in a
/// capsule is mostly that of a build.
fn is_script(end: &str) -> bool {
    [
        "awk", "gawk", "lua", "php", "pl", "pm", "r", "raku", "rb", "tcl",
    ]
    .contains(&end)
}

/// Returns whether a build file may name a file of a project by its name alone: it is of
/// no known kind, or a script, and not for human readers only.
pub(super) fn may_be_called(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let lower = name.to_ascii_lowercase();
    let (stem, end) = lower.rsplit_once('.').unwrap_or((&lower, ""));
    let read = [
        "adoc", "csv", "html", "lock", "log", "md", "rst", "svg", "txt",
    ]
    .contains(&end)
        || [
            "authors",
            "changelog",
            "copying",
            "license",
            "notice",
            "readme",
        ]
        .iter()
        .any(|text| stem.starts_with(text));
    match Kind::of(path) {
        None => !read,
        Some(_) => is_script(end) || end == "py" && !stem.starts_with("__"),
    }
}

/// Returns whether a path belongs to the system, which only root writes, and in which no
/// workspace lies.
pub(super) fn is_of_system(path: &Path) -> bool {
    const SYSTEM: [&str; 14] = [
        "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/nix", "/opt", "/proc",
        "/sbin", "/snap", "/sys", "/usr",
    ];
    SYSTEM.iter().any(|system| path.starts_with(system))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        for (name, kind) in [
            ("a/GNUmakefile", Some(Kind::Build)),
            ("Makefile.inc", Some(Kind::Build)),
            ("a.mk", Some(Kind::Build)),
            (".cargo/config", Some(Kind::Build)),
            ("a/config", None),
            ("dev-requirements.txt", Some(Kind::Libraries)),
            ("requirements/dev.txt", Some(Kind::Libraries)),
            (".babelrc", Some(Kind::Build)),
            (".eslintrc.json", Some(Kind::Build)),
            ("tsconfig.base.json", Some(Kind::Build)),
            ("vite.config.mjs", Some(Kind::Build)),
            ("src/lib.rs", Some(Kind::Source)),
            ("src/table.inl", Some(Kind::Source)),
            ("Taskfile.yml", Some(Kind::Build)),
            ("taskfile.dist.yaml", Some(Kind::Build)),
            ("Rakefile", Some(Kind::Build)),
            (".justfile", Some(Kind::Build)),
            ("Justfile", Some(Kind::Build)),
            ("Gruntfile.js", Some(Kind::Build)),
            ("build.gradle.kts", Some(Kind::Build)),
            ("BUILD", Some(Kind::Build)),
            ("configure", Some(Kind::Build)),
            ("gen.pl", Some(Kind::Source)),
            ("x.rb", Some(Kind::Source)),
            ("README.md", None),
            ("Capsule.toml", None),
        ] {
            assert_eq!(Kind::of(Path::new(name)), kind, "{name}");
        }
    }
}
