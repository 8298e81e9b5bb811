//! The ways to plant something, by what a repository says that has several work
//! trees: each of them makes other paths of a relative name.

use super::ways::{Plant, STATUS, plant};

/// A folder of hooks at the workspace's top.
const HOOKS: &str = "mkdir -p hooks; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > hooks/post-index-change; \
                     cp hooks/post-index-change hooks/pre-receive; chmod +x hooks/*";

const fn tree(
    what: &'static str,
    workspace: &'static str,
    prepare: &'static str,
    inside: &'static str,
    after: &'static str,
) -> Plant {
    Plant {
        workspace,
        ..plant(what, prepare, inside, after)
    }
}

pub(super) const OF_TREES: &[Plant] = &[
    tree(
        "hooks that are named from the main work tree",
        "wt",
        "cd ..; rmdir wt; new b/main; cd b/main; git worktree add -q ../../wt; \
         git config core.hooksPath ../../wt/hooks",
        HOOKS,
        "cd ../b/main; touch f; git status",
    ),
    tree(
        "a program that is named from the main work tree",
        "wt",
        "cd ..; rmdir wt; new b/main; cd b/main; git worktree add -q ../../wt; \
         git config core.fsmonitor ../../wt/mon",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > mon; chmod +x mon",
        "cd ../b/main; git status",
    ),
    tree(
        "hooks that the user's own configuration names from the main work tree",
        "wt",
        "cd ..; rmdir wt; new b/main; cd b/main; git worktree add -q ../../wt; \
         git config --global core.hooksPath ../../wt/hooks",
        HOOKS,
        "cd ../b/main; touch f; git status",
    ),
    tree(
        "a remote that is named from the main work tree",
        "wt",
        "cd ..; rmdir wt; new b/main; cd b/main; git worktree add -q ../../wt; \
         git config remote.o.url ../../wt/b",
        "git init -q --bare b; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > b/hooks/pre-receive; chmod +x b/hooks/*",
        "cd ../b/main; git push -q o main",
    ),
    tree(
        "hooks that are named from another linked work tree",
        "wt",
        "cd ..; rmdir wt; new m; cd m; git worktree add -q ../wt; git worktree add -q ../x/y/v; \
         git config core.hooksPath ../../../wt/hooks",
        HOOKS,
        "cd ../x/y/v; touch f; git status",
    ),
    tree(
        "hooks of the main work tree that are named from a linked one",
        "main",
        "new .; git worktree add -q ../b/c/v; git config core.hooksPath ../../../main/hooks",
        HOOKS,
        "cd ../b/c/v; touch f; git status",
    ),
    tree(
        "hooks below the top that are named from a linked work tree",
        "main/sub",
        "new ..; cd ..; git worktree add -q ../b/c/v; git config core.hooksPath ../../../main/sub/hooks",
        HOOKS,
        "cd ../../b/c/v; touch f; git status",
    ),
    tree(
        "hooks that are named from a linked work tree with a relative path",
        "main",
        "new .; git worktree add -q ../b/c/v; echo ../../../../b/c/v/.git > .git/worktrees/v/gitdir; \
         git config core.hooksPath ../../../main/hooks",
        HOOKS,
        "cd ../b/c/v; touch f; git status",
    ),
    tree(
        "hooks that are named from a linked work tree that is away for the time",
        "main",
        "new .; git worktree add -q ../b/c/v; git worktree lock ../b/c/v; mv ../b ../gone; \
         git config core.hooksPath ../../../main/hooks",
        HOOKS,
        "mv ../gone ../b; cd ../b/c/v; touch f; git status",
    ),
    tree(
        "hooks that are named from a linked work tree that was moved by hand",
        "x/y/wt",
        "cd ../../..; rm -rf x; new m; git -C m worktree add -q ../wt; mkdir -p x/y; mv wt x/y/wt; \
         git -C m config core.hooksPath hooks",
        HOOKS,
        "touch f; git status",
    ),
    tree(
        "hooks that the settings of another linked work tree name",
        "w1",
        "cd ..; rmdir w1; new m; git -C m worktree add -q ../w1; git -C m worktree add -q ../w2; \
         git -C m config extensions.worktreeConfig true; git -C w2 config --worktree core.hooksPath \"$PWD/w1/hooks\"",
        HOOKS,
        "cd ../w2; touch f; git status",
    ),
    tree(
        "hooks of the main work tree that the settings of a linked one name",
        "main",
        "new .; git worktree add -q ../w2; git config extensions.worktreeConfig true; \
         git -C ../w2 config --worktree core.hooksPath ../main/hooks",
        HOOKS,
        "cd ../w2; touch f; git status",
    ),
    tree(
        "a configuration that the settings of a linked work tree include",
        "main",
        "new .; git worktree add -q ../w2; git config extensions.worktreeConfig true; \
         git -C ../w2 config --worktree include.path \"$PWD/more\"; touch more",
        "git config -f more core.fsmonitor \"$EVIL\"",
        "cd ../w2; git status",
    ),
    tree(
        "hooks that the settings of the main work tree name",
        "wt",
        "cd ..; rmdir wt; new m; git -C m worktree add -q ../wt; git -C m config extensions.worktreeConfig true; \
         git -C m config --worktree core.hooksPath ../wt/hooks",
        HOOKS,
        "cd ../m; touch f; git status",
    ),
    tree(
        "hooks that are named from a linked work tree of a submodule",
        "w",
        "new ../o; new .; git submodule -q add ../o s; git commit -qm s; git -C s worktree add -q \"$PWD/../v\"; \
         git -C s config core.hooksPath ../w/hooks",
        HOOKS,
        "cd ../v; touch f; git status",
    ),
    tree(
        "hooks that are named from another work tree of a repository without a main one",
        "wt",
        "cd ..; rmdir wt; new o; git clone -q --bare o x/b.git; git -C x/b.git worktree add -q ../../wt; \
         git -C x/b.git worktree add -q -b two ../../q/r/v; git -C x/b.git config core.hooksPath ../../../wt/hooks",
        HOOKS,
        "cd ../q/r/v; touch f; git status",
    ),
    tree(
        "hooks of a repository without a main work tree that receives a push",
        "wt",
        "cd ..; rmdir wt; new o; git clone -q --bare o x/b.git; git -C x/b.git worktree add -q ../../wt; \
         git -C x/b.git config core.hooksPath ../../wt/hooks",
        HOOKS,
        "cd ../o; git push -q ../x/b.git main:three",
    ),
    tree(
        "hooks of a repository with a work tree that receives a push",
        "wt",
        "cd ..; rmdir wt; new m; cd m; git worktree add -q ../wt; git config core.hooksPath ../../wt/hooks",
        HOOKS,
        "cd ../m; git push -q . main:three",
    ),
    tree(
        "hooks that are named from a main work tree that nobody knows",
        "wt",
        "cd ..; rmdir wt; new b/main; git -C b/main init -q --separate-git-dir=\"$PWD/store\"; \
         cd b/main; git config --unset core.worktree || true; git worktree add -q ../../wt; \
         git config core.hooksPath ../../wt/hooks",
        HOOKS,
        "cd ../b/main; touch f; git status",
    ),
    tree(
        "hooks in a work tree that is gone",
        "w",
        "new .; git worktree add -q t; git config core.hooksPath hk; rm -rf t",
        "mkdir -p t/hk; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > t/hk/post-index-change; chmod +x t/hk/*; \
         echo gitdir: ../.git/worktrees/t > t/.git; cp f t/",
        "cd t; touch f; git status",
    ),
    tree(
        "a repository where a work tree was",
        "w",
        "new .; git worktree add -q t; rm -rf t",
        "git init -q t; git -C t config core.fsmonitor \"$EVIL\"",
        "git -C t status",
    ),
    plant(
        "hooks behind a link in the settings of another work tree",
        "new .; git worktree add -q ../v; git config extensions.worktreeConfig true; mkdir ../hooks; \
         ln -s \"$PWD/hook\" ../hooks/post-index-change; git -C ../v config --worktree core.hooksPath ../hooks",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > hook; chmod +x hook",
        "cd ../v; touch f; git status",
    ),
    plant(
        "the hooks of the main work tree, as before",
        "new .; git worktree add -q ../v; git config core.hooksPath hooks",
        HOOKS,
        "touch f; git status",
    ),
    plant(
        "a program of a linked work tree below",
        "new .; git worktree add -q t; git config core.fsmonitor t/../u/mon",
        "mkdir -p u; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > u/mon; chmod +x u/mon",
        STATUS,
    ),
];
