//! The ways to plant something, by what git's configuration and links name.

use super::ways::{Plant, REPOSITORY, STATUS, below, plant};

pub(super) const OF_NAMES: &[Plant] = &[
    plant(
        "the user's own configuration names a folder of each work tree",
        "git config --global core.hooksPath .githooks; new .",
        "mkdir .githooks; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > .githooks/post-index-change; \
         chmod +x .githooks/*; touch f",
        STATUS,
    ),
    plant(
        "the other name of the user's own configuration",
        "new .; git config --global a.b c; ln ~/.gitconfig mine",
        "printf '[core]\\nfsmonitor=\"%s\"\\n' \"$EVIL\" >> mine",
        STATUS,
    ),
    plant(
        "the configuration of another user names a folder of each work tree",
        "HOME=$HOME/other; mkdir $HOME; git config --global core.hooksPath .githooks; new .",
        "mkdir .githooks; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > .githooks/post-index-change; \
         chmod +x .githooks/*; touch f",
        "HOME=$HOME/other; git status",
    ),
    plant(
        "a variable includes a configuration",
        "new .; touch included",
        "git config -f included core.fsmonitor \"$EVIL\"",
        "GIT_CONFIG_COUNT=3 GIT_CONFIG_KEY_2=include.path GIT_CONFIG_VALUE_2=$PWD/included git status",
    ),
    plant(
        "a repository that is to be kept in order",
        "new .; git config --global maintenance.repo \"$PWD/s\"",
        REPOSITORY,
        "git for-each-repo --config=maintenance.repo status",
    ),
    below(
        "hooks below the top of the work tree",
        "new ..; mkdir hooks; git config core.hooksPath sub/hooks",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > hooks/post-index-change; chmod +x hooks/*",
        "touch ../f; git status",
    ),
    below(
        "a repository below the top of the work tree",
        "new ..",
        "git init -q . && git config core.fsmonitor \"$EVIL\"; git init -q --bare s; mv s/* .; \
         git config -f config core.fsmonitor \"$EVIL\"; git config -f config core.bare false",
        STATUS,
    ),
    below(
        "a submodule below the top of the work tree",
        "cd ../..; new o; new p; git -C p submodule -q add ../o sub/s; git -C p commit -qm s; rm -rf w; \
         git clone -q p w",
        REPOSITORY,
        "cd ..; git status",
    ),
    plant(
        "what the hooks of husky run",
        "new .; mkdir -p .husky/_; git config core.hooksPath .husky/_; chmod 755 .husky/_; \
         printf '#!/bin/sh\\n[ -f .husky/pre-commit ] && sh -e .husky/pre-commit\\n' > .husky/_/pre-commit; \
         chmod +x .husky/_/pre-commit",
        "echo touch \"$MARK\" > .husky/pre-commit; echo y > f",
        "git commit -qam two",
    ),
    plant(
        "a remote that the configuration of a branch names by its path",
        "new .; git config branch.main.pushRemote ./b; git config push.default current",
        "git init -q --bare b; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > b/hooks/pre-receive; chmod +x b/hooks/*",
        "git push -q",
    ),
    plant(
        "a remote below the base of others",
        "new .; git config \"url.$PWD/m/.insteadOf\" gh:; git config remote.o.url gh:b",
        "git init -q --bare m/b; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > m/b/hooks/pre-receive; chmod +x m/b/hooks/*",
        "git push -q o main",
    ),
    plant(
        "a remote of an old file",
        "new .; mkdir -p .git/branches; echo ./b > .git/branches/o",
        "git init -q --bare b; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > b/hooks/pre-receive; chmod +x b/hooks/*",
        "git push -q o main",
    ),
    plant(
        "hooks behind a link",
        "new .; mkdir githooks; rm -rf .git/hooks; ln -s ../githooks .git/hooks",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > githooks/post-index-change; chmod +x githooks/*; touch f",
        STATUS,
    ),
    plant(
        "a hook that is a link",
        "new .; mkdir scripts; printf '#!/bin/sh\\nexit 0\\n' > scripts/pre-commit; chmod +x scripts/pre-commit; \
         ln -s ../../scripts/pre-commit .git/hooks/pre-commit",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > scripts/pre-commit; echo y > f",
        "git commit -qam two",
    ),
    plant(
        "a hook that is a link to nothing yet",
        "new .; ln -s ../../scripts/post-index-change .git/hooks/post-index-change",
        "mkdir -p scripts; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > scripts/post-index-change; chmod +x scripts/*; touch f",
        STATUS,
    ),
    plant(
        "a link in core.hooksPath",
        "new .; mkdir .githooks scripts; printf '#!/bin/sh\\nexit 0\\n' > scripts/pc; chmod +x scripts/pc; \
         ln -s ../scripts/pc .githooks/pre-commit; git config core.hooksPath .githooks",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > scripts/pc; echo y > f",
        "git commit -qam two",
    ),
    plant(
        "a configuration that is a link",
        "new .; mv .git/config gitconfig; ln -s ../gitconfig .git/config",
        "git config -f gitconfig core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "a config.worktree that is a link",
        "new .; git config extensions.worktreeConfig true; echo > wtc; ln -s ../wtc .git/config.worktree",
        "git config -f wtc core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "submodules behind a link",
        "new ../o; new .; git submodule -q add ../o s; git commit -qm s; mv .git/modules mods; ln -s ../mods .git/modules; git config -f mods/s/config core.worktree ../../s",
        "git config -f mods/s/config core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "an index that is a link",
        "new .; mv .git/index idx; ln -s ../idx .git/index",
        "git init -q s && cd s && git -c user.email=a -c user.name=a commit -q --allow-empty -m x; \
         git config core.fsmonitor \"$EVIL\"; h=$(git rev-parse HEAD); cd ..; \
         GIT_INDEX_FILE=/workspace/idx git update-index --add --cacheinfo 160000,$h,s",
        STATUS,
    ),
    plant(
        "a link on the way to an included configuration",
        "new .; mkdir real d; echo > real/inc; ln -s ../real/inc d/inc; ln -s $PWD/d ../ext; \
         git config include.path $(cd ..; pwd)/ext/inc",
        "rm d/inc; printf '[core]\\nfsmonitor = \"%s\"\\n' \"$EVIL\" > d/inc",
        STATUS,
    ),
    Plant {
        workspace: "w/n",
        ..plant(
            "the hooks of a repository elsewhere behind a link",
            "cd ../..; rmdir w/n; new m; rm -rf m/.git/hooks; ln -s ../../w/n/hk m/.git/hooks; git -C m worktree add -q ../w/n; \
             mkdir w/n/hk",
            "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > hk/post-index-change; chmod +x hk/*; touch f",
            STATUS,
        )
    },
    plant(
        "a gitlink beyond as many as are looked at",
        "new .; for i in $(seq 4097); do printf '160000 %040d\\tz%d\\n' 1 $i; done | git update-index --index-info",
        "mkdir z1; cd z1; git init -q .; git -c user.email=a -c user.name=a commit -q --allow-empty -m x; \
         git config core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "a gitlink that has its name in a shared index",
        "new .; new ../o; git config core.splitIndex true; git config splitIndex.maxPercentChange 100; echo s > s; \
         git add s; git update-index --split-index; rm s; h=$(git -C ../o rev-parse HEAD); \
         git update-index --replace --cacheinfo 160000,$h,s; mkdir s",
        REPOSITORY,
        STATUS,
    ),
    plant(
        "hooks that a large configuration names",
        "new .; for i in $(seq 60000); do echo '#######################################################################'; \
         done >> .git/config; git config core.hooksPath hk",
        "mkdir hk; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > hk/post-index-change; chmod +x hk/*; touch f",
        STATUS,
    ),
    plant(
        "a program with a blank in its name",
        "new .; mkdir 'my tools'; echo exit 1 > 'my tools/mon'; git config core.fsmonitor \"sh 'my tools/mon'\"",
        "echo touch \"$MARK\" > 'my tools/mon'",
        STATUS,
    ),
    plant(
        "a program with a backslash in its name",
        "new .; mkdir 'my tools'; printf '#!/bin/sh\\nexit 1\\n' > 'my tools/mon'; chmod +x 'my tools/mon'; \
         git config core.fsmonitor 'my\\ tools/mon'",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > 'my tools/mon'",
        STATUS,
    ),
    plant(
        "a program in a folder that the command changes into",
        "new .; mkdir tools; printf '#!/bin/sh\\nexit 1\\n' > tools/mon; chmod +x tools/mon; \
         git config core.fsmonitor 'cd tools && ./mon'",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > tools/mon",
        STATUS,
    ),
    plant(
        "a program in a folder that is a variable",
        "new .; mkdir tools; echo exit 1 > tools/mon; git config core.fsmonitor 'T=tools; sh $T/mon'",
        "echo touch \"$MARK\" > tools/mon",
        STATUS,
    ),
    plant(
        "a missing program below a variable",
        "new .; git config core.fsmonitor '$PWD/tools/mon'",
        "mkdir -p tools; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > tools/mon; chmod +x tools/mon",
        STATUS,
    ),
    plant(
        "a missing program behind another command",
        "new .; git config core.fsmonitor 'test -d . && tools/mon'",
        "mkdir -p tools; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > tools/mon; chmod +x tools/mon",
        STATUS,
    ),
    plant(
        "a missing program behind one that starts it",
        "new .; git config core.fsmonitor 'timeout 5 tools/mon'",
        "mkdir -p tools; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > tools/mon; chmod +x tools/mon",
        STATUS,
    ),
    plant(
        "a missing script in quotes",
        "new .; git config diff.x.textconv \"sh -c '. ./conv.sh'\"",
        "echo '* diff=x' > .gitattributes; echo touch \"$MARK\" > conv.sh; echo y > f",
        "git diff",
    ),
    plant(
        "a module that python looks for where it is started",
        "new .; git config filter.x.clean 'python3 -m nbstripout'",
        "printf 'import os\\nos.system(\"touch %s\")\\n' \"$MARK\" > nbstripout.py; echo '* filter=x' > .gitattributes; \
         echo z > f",
        "git add -A; true",
    ),
    plant(
        "a repository where a remote leads",
        "new .; git remote add b ./backup.git",
        "git init -q --bare backup.git; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > backup.git/hooks/post-update; chmod +x backup.git/hooks/post-update",
        "git push -q b main",
    ),
    plant(
        "the alternates, attributes and other files that git reads",
        "new .",
        "for name in info/attributes objects/info/alternates description HEAD index packed-refs shallow logs/x \
         worktrees/x refs/heads/x; do mkdir -p .git/$(dirname $name); echo x > .git/$name && echo wrote $name > \"$MARK\"; \
         done; test -z \"$(find .git -newer f -name x)\" || touch wrote",
        "git status; test ! -e wrote",
    ),
];
