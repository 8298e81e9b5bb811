//! Which files of a folder tell what building it takes from elsewhere: tables of names.

use std::path::Path;

/// How the words of a file are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// Source code: only paths that it includes, and those that lead out of its folder.
    Source,
    /// A file that a build executes or obeys: everything that it names.
    Build,
    /// A list of libraries: folders that it names count as a whole.
    Libraries,
}

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

/// The first part of the names of files for Python packages that are installed in place.
pub(super) const EDITABLE: &str = "__editable__";

const LIBRARIES: &str = "Cargo.toml package.json pyproject.toml go.mod go.work setup.cfg Pipfile \
                         pnpm-workspace.yaml lerna.json uv.toml";

/// The first parts of names, in small letters and without a leading dot, of files that
/// tools obey, whatever their extension is: `Taskfile.dist.yml`, `.justfile`, `setup.py`.
const TOOLS: &str = "bsdmakefile build bunfig cmakelists conanfile configure conftest \
                     containerfile deno direct_url dockerfile dodo earthfile fabfile gemfile \
                     gnumakefile gruntfile gulpfile jakefile jsconfig justfile lefthook magefile \
                     makefile meson meson_options mise noxfile pip pixi pnp pnpmfile pom procfile \
                     rakefile rust-toolchain sconscript sconstruct setup snakefile taskfile tasks \
                     tiltfile vagrantfile workspace wscript";

/// The extensions of files that tools obey.
const OBEYED: &str = "ac bash bazel bzl cfg cmake csh dash env fish gemspec gradle gyp gypi ini \
                      just ksh kts m4 mak make mk ninja nix rake sh tool-versions zsh";

/// The extensions of source code that is compiled.
const COMPILED: &str = "c cc cpp cxx def go h hh hpp hxx inc inl ipp ld nim pxd pyx rs s tcc tpp \
                        wit zig";

/// The extensions of source code that is interpreted, or compiled into such.
const SCRIPTS: &str = "awk cjs cts el ex exs gawk jl js jsx lua mjs mts php pl pm py pyi r raku rb \
                       scm tcl ts tsx";

/// The extensions of texts for people, whatever else their names say.
const PROSE: &str = "adoc csv html log md rst svg";

/// Returns whether a table has a word.
fn has(table: &str, word: &str) -> bool {
    !word.is_empty() && table.split_whitespace().any(|one| one == word)
}

impl Kind {
    /// Returns the kind of a file, by its name; `None` for files that name nothing until a
    /// build calls them.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let lower = name.to_ascii_lowercase();
        let (stem, end) = lower.rsplit_once('.').unwrap_or((&lower, ""));
        let first = lower.trim_start_matches('.').split('.').next()?;
        let is_in = |name: &str| path.parent().is_some_and(|folder| folder.ends_with(name));
        let lists = stem.contains("require") || stem.contains("constraint");
        if has(LIBRARIES, name)
            || has("pth egg-link", end)
            || has("txt in", end) && (lists || is_in("requirements"))
        {
            return Some(Self::Libraries);
        }
        let locks = ["package-lock", "npm-shrinkwrap", "pnpm-lock"];
        let code = has(COMPILED, end) || has(SCRIPTS, end);
        // Such as `.babelrc`.
        let settings = name.starts_with('.') && (end.ends_with("rc") || stem.ends_with("rc"));
        let build = settings
            || has(TOOLS, first)
            || has(OBEYED, end)
            || first.starts_with("tsconfig")
            || name.starts_with(EDITABLE)
            || code && stem.ends_with(".config")
            || has("yaml yml", end) && stem.ends_with("compose")
            || is_in(".cargo") && ["config", "config.toml"].contains(&name);
        match () {
            () if end == "lock" || locks.contains(&stem) => Some(Self::Source),
            () if has(PROSE, end) => None,
            () if build => Some(Self::Build),
            () => code.then_some(Self::Source),
        }
    }
}

/// Returns whether a file is a script, which another may name without its extension.
pub(super) fn is_script(path: &Path) -> bool {
    ends_in(path, SCRIPTS)
}

/// Returns whether a file is source code.
pub(super) fn is_code(path: &Path) -> bool {
    ends_in(path, COMPILED) || is_script(path)
}

fn ends_in(path: &Path, table: &str) -> bool {
    let end = path.extension().unwrap_or_default().to_string_lossy();
    has(table, &end.to_ascii_lowercase())
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
