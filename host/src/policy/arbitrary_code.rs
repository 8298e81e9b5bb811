//! Programs that run any code that they are given: a grant for one of them is a grant
//! for arbitrary code inside the sandbox.
//!
//! It is for whoever reads what a capsule asks for. Nothing is allowed or
//! denied by it: the table cannot be complete, and the sandbox is the boundary.
//! A narrow pattern of arguments changes nothing here, because files,
//! configuration and variables that a program reads can name code too.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use serde::Serialize;

use super::{Confinement, ResolvedProgram};

/// Why a program runs arbitrary code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ArbitraryCode {
    /// The program's file name that is known for it.
    pub program: String,
    /// What the program does, in words that go on after its name.
    pub reason: &'static str,
}

impl fmt::Display for ArbitraryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.on_host(Confinement::Sandboxed))
    }
}

impl ArbitraryCode {
    /// In words, on a host that confines processes so; without that, on one
    /// with a sandbox.
    #[must_use]
    pub fn on_host(&self, confinement: Confinement) -> String {
        let Self { program, reason } = self;
        let place = match confinement {
            Confinement::Sandboxed | Confinement::Landlocked => "inside the sandbox",
            Confinement::Unconfined => "without a sandbox",
        };
        format!("runs arbitrary code {place}: {program} {reason}")
    }

    /// Judges a program by its name and, where it was found, by the file that
    /// the name leads to; `None` when neither is known to run arbitrary code.
    ///
    /// ```
    /// use boll_host::policy::ArbitraryCode;
    ///
    /// let known = ArbitraryCode::of("python3.11", None).expect("an interpreter");
    /// assert_eq!(known.program, "python3.11");
    /// assert_eq!(ArbitraryCode::of("ls", None), None);
    /// ```
    #[must_use]
    pub fn of(name: &str, found: Option<&ResolvedProgram>) -> Option<Self> {
        let named = file_name(Path::new(name))?;
        let real = found.and_then(|found| file_name(&found.real));
        // A multi-call binary does what the name says that it is called by.
        let real = real.filter(|real| !MULTI_CALL.iter().any(|binary| is_called(real, binary)));
        [real.as_deref(), Some(&named)]
            .into_iter()
            .flatten()
            .find_map(Self::of_file)
    }

    fn of_file(file: &str) -> Option<Self> {
        let tool = without_target(file);
        let family = FAMILIES.iter().find(|family| {
            let mut programs = family.programs.split_whitespace();
            programs.any(|program| is_called(file, program) || is_called(tool, program))
        })?;
        Some(Self {
            program: file.to_owned(),
            reason: family.reason,
        })
    }
}

fn file_name(path: &Path) -> Option<Cow<'_, str>> {
    path.file_name().map(|name| name.to_string_lossy())
}

/// Whether a file is called like a program, a version or a variant after it
/// left out: `python3.11`, `gcc-12`, `vim.basic`.
fn is_called(file: &str, program: &str) -> bool {
    let Some(rest) = file.strip_prefix(program) else {
        return false;
    };
    let version = rest.strip_prefix('-').unwrap_or(rest);
    rest.is_empty()
        || rest.starts_with('.')
        || version.starts_with(|one: char| one.is_ascii_digit())
}

/// The name of a tool without the machine that it builds for:
/// `x86_64-linux-gnu-gcc-12` is `gcc-12`.
fn without_target(file: &str) -> &str {
    file.split_once("-linux-")
        .and_then(|(_, rest)| rest.split_once('-'))
        .map_or(file, |(_, tool)| tool)
}

/// One file that is many programs, by the name that it is called by.
const MULTI_CALL: &[&str] = &["busybox", "toybox", "coreutils"];

struct Family {
    reason: &'static str,
    /// Their names, with spaces between them.
    programs: &'static str,
}

const FAMILIES: &[Family] = &[
    Family {
        reason: "is a shell",
        programs: "
            ash bash csh dash elvish es fish ksh ksh93 lksh mksh nu oksh posh pwsh rbash rc
            rksh sh tcsh xonsh yash zsh",
    },
    Family {
        reason: "has a shell and many other programs in it",
        programs: "busybox coreutils toybox",
    },
    Family {
        reason: "interprets the programs that it is given",
        programs: "
            bpython bun clisp clojure d8 deno dotnet ecl elixir erl escript expect ghci gjs
            gnuplot gprolog groovy gs gst guile iex ipython irb java jimsh jjs jruby js
            jshell julia kotlin lua luajit mono node nodejs ocaml octave perl php php-cgi
            phpdbg pypy python qjs R racket raku Rscript ruby runghc runhaskell sbcl scala
            scheme sqlite3 swipl tclsh texlua ts-node tsx wasmer wasmtime wine wish",
    },
    Family {
        reason: "has scripts that can start any command",
        programs: "
            awk dc gawk gsed latex lualatex luatex m4 mariadb mawk mysql nawk original-awk pdflatex
            pdftex psql sed tex xelatex xetex",
    },
    Family {
        reason: "starts the program that it is given",
        programs: "
            bwrap capsh choom chpst chronic chroot chrt daemonize dbus-launch
            dbus-run-session doas dumb-init entr env envdir fakeroot faketime firejail flock
            gosu gtimeout i386 ifne ionice ld-linux ld-linux-aarch64 ld-linux-x86-64
            ld-musl-x86_64 ld.so linux32 linux64 nice nohup nsenter numactl parallel pee
            pkexec prlimit proot qemu-aarch64 qemu-i386 qemu-x86_64 run-parts runcon runsv
            runuser script setarch setpriv setsid setuidgid softlimit start-stop-daemon
            stdbuf su su-exec sudo systemd-run taskset time timeout tini uname26 unbuffer
            unshare watch x86_64 xargs xvfb-run",
    },
    Family {
        reason: "has options that start a program",
        programs: "
            ag aria2c bsdtar cpio dpkg dpkg-deb fd fdfind find gfind ginstall gsort
            gtar install rg rpm rpmbuild sort split star tar tcpdump wget zip",
    },
    Family {
        reason: "starts pagers, hooks and filters that its configuration names",
        programs: "
            bzr cvs fossil gh git git-lfs git-receive-pack git-shell git-upload-archive
            git-upload-pack glab hg jj svn tig",
    },
    Family {
        reason: "runs the commands of the files that it reads",
        programs: "
            ant apt apt-get bazel bmake buck bundle bundler cabal cargo cmake composer conda
            corepack cpack ctest docker eslint gem gmake go gradle jest just lein make
            maturin meson mix mocha mvn ninja nix nox npm npx pip pipx pnpm podman poetry
            pre-commit pytest rake rebar3 rustup samu sbt scons stack task tox tup uv uvx
            vite waf webpack yarn",
    },
    Family {
        reason: "builds programs, and starts others to do it",
        programs: "
            c++ c89 c99 cc ccache clang clang++ clang-cl clang-cpp collect2 cpp distcc dmd
            f77 f95 g++ gcc gdc gfortran ghc gnat gold icc javac kotlinc ld ld.bfd ld.gold
            ld.lld ldc2 libtool mold nvcc ocamlc ocamlfind ocamlopt rustc rustdoc scalac
            sccache swift swiftc tcc zig",
    },
    Family {
        reason: "is an editor or a pager, which starts commands that are typed or configured",
        programs: "
            ed editor emacs emacs-gtk emacs-lucid emacs-nox emacsclient ex helix hx info jed
            joe kak less man mc mcedit mg micro more most nano nvim pager pico pinfo red
            rnano rview rvim sensible-editor sensible-pager vi view vim vimdiff w3m",
    },
    Family {
        reason: "starts programs, and changes what they do",
        programs: "
            bpftrace cgdb gdb gdb-multiarch gdbserver heaptrack lldb lldb-server ltrace perf
            rr strace valgrind",
    },
    Family {
        reason: "starts commands here or on other machines",
        programs: "
            ansible ansible-playbook at batch byobu crontab ftp lftp mosh nc nc.openbsd
            nc.traditional ncat netcat openssl openvpn rclone rsh rsync scp screen sftp
            slogin socat ssh sshfs telnet tmate tmux zellij",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(name: &str, found: Option<(&str, &str)>) -> Option<(String, &'static str)> {
        let found = found.map(|(path, real)| ResolvedProgram::new(path, real));
        ArbitraryCode::of(name, found.as_ref()).map(|known| (known.program, known.reason))
    }

    #[test]
    fn versions_variants_and_targets_are_the_same_program() {
        for (name, start) in [
            ("sh", "is a shell"),
            ("/bin/bash", "is a shell"),
            ("python", "interprets"),
            ("python3", "interprets"),
            ("python3.11", "interprets"),
            ("python3.13t", "interprets"),
            ("perl5.36-x86_64-linux-gnu", "interprets"),
            ("guile-3.0", "interprets"),
            ("gcc-12", "builds"),
            ("clang++-14", "builds"),
            ("x86_64-linux-gnu-gcc-12", "builds"),
            ("arm-linux-gnueabihf-g++", "builds"),
            ("ld-linux-x86-64.so.2", "starts the program"),
            ("vim.basic", "is an editor"),
            ("busybox.static", "has a shell"),
            ("git", "starts pagers"),
            ("tar", "has options"),
            ("sed", "has scripts"),
            ("xargs", "starts the program"),
            ("make", "runs the commands"),
            ("strace", "starts programs"),
            ("ssh", "starts commands"),
        ] {
            let (program, reason) = reason(name, None).expect(name);
            assert_eq!(Some(&*program), name.rsplit('/').next());
            assert!(reason.starts_with(start), "{name}: {reason}");
        }
    }

    #[test]
    fn other_programs_are_not_said_to_run_code() {
        for name in [
            "ls",
            "cat",
            "true",
            "echo",
            "printf",
            "head",
            "sha256sum",
            "envsubst",
            "shuf",
            "nodemon-like",
            "gcc-ar-12",
            "ssh-add",
            "timeoutd",
            "findmnt",
            "makewhatis",
            "sleep",
            "grep",
            "",
            "/",
            "git-report",
        ] {
            assert_eq!(reason(name, None), None, "{name}");
        }
    }

    #[test]
    fn a_link_is_judged_by_where_it_leads_and_by_its_name() {
        let judged = |path, real| reason(path, Some((path, real))).map(|(program, _)| program);
        assert_eq!(
            judged("/usr/bin/sh", "/usr/bin/dash").as_deref(),
            Some("dash")
        );
        assert_eq!(
            judged("/usr/bin/harmless", "/usr/bin/mawk").as_deref(),
            Some("mawk")
        );
        assert_eq!(
            judged("/usr/bin/python3", "/opt/launcher").as_deref(),
            Some("python3")
        );
    }

    #[test]
    fn an_applet_is_judged_by_the_name_that_it_is_called_by() {
        let judged = |path| reason(path, Some((path, "/usr/bin/busybox")));
        assert_eq!(judged("/usr/bin/ls"), None);
        assert_eq!(judged("/usr/bin/ash").expect("a shell").1, "is a shell");
        assert_eq!(judged("/usr/bin/busybox").expect("all").0, "busybox");
    }

    #[test]
    fn no_program_is_in_two_families() {
        let mut all: Vec<&str> = FAMILIES
            .iter()
            .flat_map(|family| family.programs.split_whitespace())
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
