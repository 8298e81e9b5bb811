//! Variables that make programs run code: whoever sets one of them for a
//! process decides what it runs.
//!
//! As [`super::ArbitraryCode`], it is for whoever reads what a capsule asks for.
//! Nothing is allowed or denied by it, and the table cannot be complete.

use serde::Serialize;

/// Why a variable runs code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CodeVariable {
    /// The variable.
    pub name: String,
    /// What it does, in words that go on after its name.
    pub reason: &'static str,
}

impl std::fmt::Display for CodeVariable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.on_its_own())
    }
}

impl CodeVariable {
    /// Returns what it does, in words that go on after its name.
    #[must_use]
    pub fn on_its_own(&self) -> String {
        format!("can run arbitrary code: it {}", self.reason)
    }

    /// Judges a variable by its name, in letters of either case; `None` when it
    /// is not known to run code.
    ///
    /// ```
    /// use boll_host::policy::CodeVariable;
    ///
    /// let known = CodeVariable::of("GIT_SSH_COMMAND").expect("git starts it");
    /// assert_eq!(known.reason, "has git start programs and read configuration");
    /// assert_eq!(CodeVariable::of("LANG"), None);
    /// ```
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let upper = name.to_ascii_uppercase();
        let family = FAMILIES
            .iter()
            .find(|family| {
                let mut names = family.names.split_whitespace();
                names.any(|known| fits(known, &upper))
            })
            .filter(|_| !HARMLESS.contains(&upper.as_str()))?;
        Some(Self {
            name: name.to_owned(),
            reason: family.reason,
        })
    }
}

/// A `*` at the beginning or the end of a known name stands for anything.
fn fits(known: &str, name: &str) -> bool {
    if let Some(start) = known.strip_suffix('*') {
        name.starts_with(start)
    } else if let Some(end) = known.strip_prefix('*') {
        name.ends_with(end)
    } else {
        name == known
    }
}

/// Ones that a pattern would take in, and that no program takes code from.
const HARMLESS: &[&str] = &[
    "GIT_AUTHOR_DATE",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_NAME",
    "GIT_COMMITTER_DATE",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_OPTIONAL_LOCKS",
    "GIT_TERMINAL_PROMPT",
];

struct Family {
    reason: &'static str,
    /// Their names, with spaces between them.
    names: &'static str,
}

const FAMILIES: &[Family] = &[
    Family {
        reason: "has git start programs and read configuration",
        names: "GIT_*",
    },
    Family {
        reason: "has the loader or the C library take in other code",
        names: "LD_* DYLD_* GCONV_PATH GLIBC_TUNABLES LOCPATH NLSPATH MALLOC_CONF OPENSSL_CONF
            OPENSSL_MODULES OPENSSL_ENGINES SSLKEYLOGFILE GTK_MODULES GTK_PATH GIO_MODULE_DIR
            GIO_EXTRA_MODULES QT_PLUGIN_PATH QT_QPA_PLATFORM_PLUGIN_PATH VK_* LIBGL_DRIVERS_PATH
            TERMINFO TERMINFO_DIRS NSS_* KRB5_CONFIG SASL_PATH OCL_ICD_*",
    },
    Family {
        reason: "says where programs, or what they are made of, are looked for",
        names: "PATH CDPATH FPATH MANPATH XDG_* HOME HOSTALIASES PKG_CONFIG_*",
    },
    Family {
        reason: "has a shell run something, or changes how it reads a script",
        names: "BASH_ENV ENV BASH_FUNC_* BASHOPTS BASH_LOADABLES_PATH BASH_XTRACEFD SHELLOPTS IFS
            PS0 PS1 PS2 PS4 PROMPT_COMMAND ZDOTDIR KSH_ENV SHELL GLOBIGNORE INPUTRC
            HISTFILE FCEDIT SHINIT",
    },
    Family {
        reason: "has Python load other modules or run a file",
        names: "PYTHON* PIP_* UV_* VIRTUAL_ENV CONDA_* POETRY_* IPYTHONDIR JUPYTER_* MPLBACKEND
            SETUPTOOLS_* DISTUTILS_*",
    },
    Family {
        reason: "has JavaScript load other modules or options",
        names: "NODE_* NPM_CONFIG_* NPM_* YARN_* PNPM_* BUN_* DENO_* ELECTRON_* TS_NODE_* TSX_*
            COREPACK_*",
    },
    Family {
        reason: "has an interpreter load other code or options",
        names: "PERL5OPT PERL5LIB PERLLIB PERL5DB PERL5SHELL PERL_* RUBYOPT RUBYLIB RUBYSHELL
            RUBYGEMS_* GEM_* BUNDLE_* BUNDLER_* RAKEOPT IRBRC LUA_* PHPRC PHP_INI_SCAN_DIR
            COMPOSER_* R_* TCLLIBPATH TCL_LIBRARY GUILE_* SCHEME_* ERL_* ELIXIR_* MIX_* OCAML*
            CAML* GHC* JULIA_* AWKPATH AWKLIBPATH SQLITE_* GNUPLOT_* M4PATH EMACSLOADPATH
            EMACSDATA EMACSPATH VIMINIT VIM VIMRUNTIME NVIM_* EXINIT MYVIMRC GVIMINIT
            XPCOMGECKO*",
    },
    Family {
        reason: "has Java load agents, options or classes",
        names: "JAVA_* JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH JVM_* MAVEN_* MVN_* GRADLE_*
            ANT_* SBT_* KOTLIN_* GROOVY_* SCALA_* JRE_HOME",
    },
    Family {
        reason: "has .NET or Mono load other code",
        names: "DOTNET_* CORECLR_* COR_* COMPLUS_* MONO_* MSBUILD* NUGET_*",
    },
    Family {
        reason: "has a build start other programs or take other sources",
        names: "CARGO CARGO_* RUST* CC CXX CPP LD AR AS NM FC F77 GO GO* CGO_* GCC_EXEC_PREFIX
            COMPILER_PATH LIBRARY_PATH CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH OBJC_INCLUDE_PATH
            DEPENDENCIES_OUTPUT CFLAGS CXXFLAGS CPPFLAGS LDFLAGS LIBS MAKE MAKEFLAGS MFLAGS
            GNUMAKEFLAGS MAKEFILES MAKESHELL CMAKE_* CTEST_* NINJA_* MESON_* CCACHE_* SCCACHE_*
            DISTCC_* BAZEL_* CONFIG_SITE CONFIG_SHELL ACLOCAL_PATH ACLOCAL AUTOCONF AUTOMAKE
            AUTOM4TE LEX YACC TEXINPUTS TEXMF* BIBINPUTS NIX_*",
    },
    Family {
        reason: "names a program that another one starts",
        names: "EDITOR VISUAL PAGER MANPAGER BROWSER *_EDITOR *_PAGER *_BROWSER *_COMMAND *_CMD
            *_ASKPASS *_SHELL *_EXEC *_PROGRAM *_WRAPPER *_HOOK *_PRELOAD *_STARTUP *_LOADER
            *_OPENER LESSOPEN LESSCLOSE LESSKEY LESSKEYIN LESSKEY_SYSTEM LESS MANOPT MORE
            MOST_EDITOR ASKPASS TAR_OPTIONS TAPE RSYNC_RSH RSYNC_CONNECT_PROG RSYNC_* CVS_RSH
            SVN_SSH SVN_* HG* BZR_* FZF_* RIPGREP_CONFIG_PATH BAT_* DELTA_* ACK_* GREP_OPTIONS
            LS_OPTIONS FIND_OPTIONS XARGS GZIP XZ_OPT XZ_DEFAULTS ZSTD_* PARALLEL* TMUX_*
            SCREENRC WATCH_* MAILCAPS MAILCHECK MAILPATH MAILER ENSCRIPT NROFF GROFF_* TROFF
            ZIPOPT UNZIP WGETRC CURL_HOME SSH_* SUDO_* DOAS_* PSQLRC PSQL_* MYSQL_*
            PGSERVICEFILE PGSYSCONFDIR DOCKER_* KUBE* HELM_* TF_* TERRAFORM_* ANSIBLE_* VAGRANT_*
            PACKER_* AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE CLOUDSDK_* PRE_COMMIT_*
            GDB* LLDB_* STRACE_OPTS VALGRIND_* QEMU_* LIBVIRT_* GNUPGHOME FAKEROOT*",
    },
    Family {
        reason: "sends the program's connections elsewhere, or has it trust other certificates",
        names: "HTTP_PROXY HTTPS_PROXY ALL_PROXY FTP_PROXY NO_PROXY SSL_CERT_FILE SSL_CERT_DIR
            CURL_CA_BUNDLE REQUESTS_CA_BUNDLE RES_OPTIONS LOCALDOMAIN",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_executes_is_known_whatever_its_case() {
        for name in [
            "BASH_ENV",
            "ENV",
            "PATH",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "NODE_OPTIONS",
            "GIT_SSH",
            "GIT_SSH_COMMAND",
            "GIT_CONFIG_COUNT",
            "GIT_EXTERNAL_DIFF",
            "LD_PRELOAD",
            "PERL5OPT",
            "RUBYOPT",
            "EDITOR",
            "PAGER",
            "VISUAL",
            "SOME_COMMAND",
            "LESSOPEN",
            "JAVA_TOOL_OPTIONS",
            "CARGO_BUILD_RUSTC",
            "RUSTC_WRAPPER",
            "MAKEFLAGS",
            "npm_config_script_shell",
            "PROMPT_COMMAND",
            "RSYNC_RSH",
            "TAR_OPTIONS",
            "https_proxy",
            "GOFLAGS",
            "CC",
            "HOME",
            "SSH_ASKPASS",
            "SUDO_ASKPASS",
            "MANPAGER",
            "BASH_FUNC_ls",
        ] {
            let known = CodeVariable::of(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(known.name, name);
        }
    }

    #[test]
    fn others_are_not_flagged() {
        for name in [
            "LANG",
            "LC_ALL",
            "TZ",
            "TERM",
            "NO_COLOR",
            "COLUMNS",
            "USER",
            "GIT_AUTHOR_NAME",
            "GIT_COMMITTER_DATE",
            "GREETING",
            "COUNT",
            "DEBUG",
            "CI",
        ] {
            assert_eq!(CodeVariable::of(name), None, "{name}");
        }
    }
}
