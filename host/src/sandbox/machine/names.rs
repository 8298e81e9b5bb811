//! The names of the machine's files that processes are shown, beside `/usr`.
//!
//! Pure. A name is here when programs of distributions do not work without it, and when
//! what belongs there has no place for a password or a key. What may hold one is not:
//! `/etc/gitconfig`, `/etc/npmrc`, `/etc/pip.conf`, `/etc/wgetrc`, `/etc/environment`,
//! `/etc/profile.d`, the configuration of servers. One star in
//! a part of a name stands for any characters.

/// Files and small folders, of which each that everybody may read is shown.
pub(super) const PUBLIC: &[&str] = &[
    // Libraries, and where the linker finds them.
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    // Time and language.
    "/etc/localtime",
    "/etc/timezone",
    "/etc/locale.alias",
    "/etc/locale.conf",
    // Services, protocols and the order of addresses: nothing of them needs a network.
    "/etc/services",
    "/etc/protocols",
    "/etc/host.conf",
    "/etc/gai.conf",
    // Which system it is.
    "/etc/os-release",
    "/etc/debian_version",
    "/etc/*-release",
    "/etc/dpkg/origins",
    // Certificates and ciphers. What else `/etc/ssl` holds are private keys.
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/tls/openssl.cnf",
    "/etc/pki/tls/openssl.d",
    "/etc/gnutls",
    // Types of files.
    "/etc/mime.types",
    "/etc/mailcap",
    "/etc/magic",
    "/etc/magic.mime",
    "/etc/nginx/mime.types",
    // Terminals, editors, manuals and what lays them out.
    "/etc/terminfo",
    "/etc/inputrc",
    "/etc/nanorc",
    "/etc/vim",
    "/etc/vimrc",
    "/etc/emacs",
    "/etc/lynx",
    "/etc/manpath.config",
    "/etc/man_db.conf",
    "/etc/groff",
    "/etc/dictionaries-common",
    "/etc/papersize",
    "/etc/paperspecs",
    "/etc/libpaper.d",
    "/etc/texmf",
    "/etc/LatexMk",
    "/etc/asciidoc",
    "/etc/highlight",
    "/etc/enscript.cfg",
    "/etc/libreoffice",
    "/etc/sgml",
    "/etc/xml",
    // Pictures, fonts and graphics.
    "/etc/fonts",
    "/etc/ImageMagick-*",
    "/etc/ghostscript",
    "/etc/OpenCL",
    "/etc/vulkan",
    "/etc/glvnd",
    "/etc/chromium",
    "/etc/chromium.d",
    // The message bus of a session, which has no secrets in its rules.
    "/etc/dbus-1/session.conf",
    "/etc/dbus-1/session-local.conf",
    "/etc/dbus-1/session.d",
    // Languages and their tools.
    "/etc/java*",
    "/etc/maven*/m2.conf",
    "/etc/maven*/logging",
    "/etc/maven*/toolchains.xml",
    "/etc/dotnet",
    "/etc/mono",
    "/etc/perl",
    "/etc/php.ini",
    "/etc/php.d",
    "/etc/php/*/cli",
    "/etc/php/*/mods-available",
    "/etc/python*",
    "/etc/R/Makeconf",
    "/etc/R/Renviron",
    "/etc/R/javaconf",
    "/etc/R/ldpaths",
    "/etc/R/repositories",
    "/etc/julia",
    "/etc/octave*",
    "/etc/common-lisp",
    "/etc/ocamlfind.conf",
    "/etc/findlib.conf",
    "/etc/openmpi",
    "/etc/gdb",
    "/etc/ltrace.conf",
    // The size of large pages, by which runtimes lay out their memory.
    "/sys/kernel/mm/transparent_hugepage/enabled",
    "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
];

/// Files that may hold a credential, and are shown where this one holds none.
pub(super) const JUDGED: &[&str] = &["/etc/maven*/settings.xml"];

/// The same, for a process that sees the host's files: it can tell that they are there, and
/// programs fail that may not read what is there. In namespaces they are not.
pub(super) const JUDGED_ON_HOST: &[&str] = &[
    "/etc/gitconfig",
    "/etc/npmrc",
    "/etc/pip.conf",
    "/etc/wgetrc",
];

/// Folders that are shown as a whole, whatever is in them, because that is public by what
/// they are for, and changes together.
pub(super) const WHOLE: &[&str] = &[
    "/etc/alternatives",
    "/etc/ssl/certs",
    "/etc/crypto-policies",
    "/etc/pki/java",
    "/var/lib/texmf",
    "/var/lib/aspell",
    "/var/lib/ghc",
    "/var/lib/ghostscript",
    // Which processors there are, and how they lie to each other.
    "/sys/devices/system/cpu",
];

/// Nodes of memory, and a part that is there where the machine has more than one.
pub(super) const NODES: [&str; 2] = ["/sys/devices/system/node", "/sys/devices/system/node/node1"];

/// What a process needs besides that may use the network: to look up names, and to trust
/// certificates where they are not in `/etc/ssl`. They are shown as they change.
pub(super) const NETWORK: &[&str] = &[
    "/etc/resolv.conf",
    "/etc/ca-certificates",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/etc/pki/tls/cert.pem",
];

/// What is shown where the files are the host's own, and cannot be made up.
pub(super) const MADE: [&str; 4] = [
    "/etc/passwd",
    "/etc/group",
    "/etc/nsswitch.conf",
    "/etc/hosts",
];
