//! The ways to plant something, by what commands and aliases of git's configuration
//! name in other words than paths.

use super::ways::{Plant, STATUS, plant};

/// A program at the workspace's top that git takes for a monitor of files.
const MON: &str = "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > mon; chmod +x mon";
/// The same in a folder.
const SUB_MON: &str =
    "mkdir -p sub; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > sub/mon; chmod +x sub/mon";
/// A folder of hooks.
const HOOKS: &str = "mkdir -p hk; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > hk/post-index-change; \
                     cp hk/post-index-change hk/post-checkout; chmod +x hk/*";

pub(super) const OF_COMMANDS: &[Plant] = &[
    plant(
        "a program that an alias sets",
        "new .; git config alias.st '-c core.fsmonitor=./mon status'",
        MON,
        "git st",
    ),
    plant(
        "hooks that an alias sets",
        "new .; git config alias.st '-c core.hooksPath=hk status'",
        HOOKS,
        "touch f; git st",
    ),
    plant(
        "a program that an alias of an alias sets",
        "new .; git config alias.st \"-c 'alias.s=-c core.fsmonitor=./mon status' s\"",
        MON,
        "git st",
    ),
    plant(
        "hooks that a command of an alias sets",
        "new .; git config alias.st '!git -c core.hooksPath=hk status'",
        HOOKS,
        "touch f; git st",
    ),
    plant(
        "a program of a configuration that an alias includes",
        "new .; git config -f ../more core.fsmonitor ./mon; \
         git config alias.st \"-c include.path=$(cd ..; pwd)/more status\"",
        MON,
        "git st",
    ),
    plant(
        "a script in a folder beside the one that is changed into",
        "new .; mkdir a b; git config core.fsmonitor 'cd a && cd - > /dev/null && cd a && sh ../b/mon'",
        "echo touch \"$MARK\" > b/mon",
        STATUS,
    ),
    plant(
        "a program that an alias executes for each commit",
        "new .; git config alias.rb 'rebase --exec ./mon --root'",
        MON,
        "git rb",
    ),
    plant(
        "a program of a short option",
        "new .; git config alias.rb 'rebase -x ./mon --root'",
        MON,
        "git rb",
    ),
    plant(
        "a script of a shortened option of an alias of an alias",
        "new .; git config alias.rb 'rebase'; git config alias.rx \"rb --exe='sh mon' --root\"",
        "echo touch \"$MARK\" > mon",
        "git rx",
    ),
    plant(
        "what a remote is asked with",
        "new .; new ../o; git config alias.up 'fetch --upload-pack ./mon ../o'",
        MON,
        "git up; true",
    ),
    plant(
        "a template of an alias",
        "new .; new ../o; git config alias.cl 'clone --template=t ../o'",
        "mkdir -p t/hooks; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > t/hooks/post-checkout; chmod +x t/hooks/*",
        "git cl ../p",
    ),
    plant(
        "a repository that an alias pushes to",
        "new .; git config alias.bk 'push ./b main'",
        "git init -q --bare b; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > b/hooks/pre-receive; chmod +x b/hooks/*",
        "git bk",
    ),
    plant(
        "a repository that an alias works in",
        "new .; mkdir sub; git config alias.ss '!git -C sub status'",
        "cd sub; git init -q .; git config core.fsmonitor \"$EVIL\"",
        "git ss",
    ),
    plant(
        "a repository that an alias changes into, once it is there",
        "new .; git config alias.ss '!cd sub && git status'",
        "mkdir sub; cd sub; git init -q .; git config core.fsmonitor \"$EVIL\"",
        "git ss",
    ),
    plant(
        "a script that is run in each submodule",
        "new ../o; new .; git submodule -q add ../o s; git commit -qm s; \
         git config alias.each \"submodule foreach 'sh t/each'\"",
        "mkdir -p s/t; echo touch \"$MARK\" > s/t/each",
        "git each",
    ),
    plant(
        "a program in a folder that another program changes into",
        "new .; mkdir sub; git config core.fsmonitor 'env -C sub ./mon'",
        SUB_MON,
        STATUS,
    ),
    plant(
        "a program in a folder that is not there yet",
        "new .; git config core.fsmonitor 'env --chdir=sub ./mon'",
        SUB_MON,
        STATUS,
    ),
    plant(
        "a program in a folder that a shell within changes into",
        "new .; mkdir sub; git config core.fsmonitor \"sh -c 'cd sub; ./mon'\"",
        SUB_MON,
        STATUS,
    ),
    plant(
        "a program in a folder within another",
        "new .; mkdir -p a/sub; git config core.fsmonitor 'cd a && cd sub && ./mon'",
        "cd a; mkdir -p sub; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > sub/mon; chmod +x sub/mon",
        STATUS,
    ),
    plant(
        "a program of a function that is called elsewhere",
        "new .; mkdir sub; git config alias.st '!f() { ./mon; }; cd sub; f'",
        SUB_MON,
        "git st; true",
    ),
    plant(
        "a script in a folder that a wrapper of the user's changes into",
        "new .; mkdir sub ../bin; printf '#!/bin/sh\\ncd $1; shift; exec \"$@\"\\n' > ../bin/within; chmod +x ../bin/within; \
         git config core.fsmonitor \"$(cd ..; pwd)/bin/within sub sh ./mon\"",
        "echo touch \"$MARK\" > sub/mon",
        STATUS,
    ),
];
