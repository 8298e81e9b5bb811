//! `wasi:filesystem`, as wasmtime implements it and with what it leaves open:
//! nothing but regular files and folders is opened, every call that may wait for a
//! file does so in a thread of the capsule's, what is open and what is listed
//! counts, and what git obeys is not written.

mod change;
mod list;
mod on_thread;
mod open;
mod path_target;
mod state;
mod streams;
mod view;

use std::sync::Arc;

use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtx, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::{preopens, types};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

use self::list::Listing;
use self::on_thread::now;
use self::open::Opening;
pub(crate) use self::state::FileState;
use self::state::OpenFile;
use self::streams::{CHUNK, FileInput, Position};
pub(crate) use self::view::{FilesView, folder};

struct HasFiles;

impl HasData for HasFiles {
    type Data<'a> = FilesView<'a>;
}

/// Links it in place of wasmtime's own.
pub(super) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    view: fn(&mut T) -> FilesView<'_>,
) -> wasmtime::Result<()> {
    preopens::add_to_linker::<_, HasFiles>(linker, view)?;
    types::add_to_linker::<_, HasFiles>(linker, view)
}

/// A listing that needs no more is made without counting its names twice.
const SMALL_LISTING: u64 = 256 << 10;

impl preopens::Host for FilesView<'_> {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let mut given = Vec::with_capacity(self.files.folders.len());
        for (dir, name) in self.files.folders.clone() {
            let writable = !dir.perms.write_not_permitted();
            let root = writable.then(|| Arc::clone(&dir.dir));
            let fd = self.table.push(Descriptor::Dir(dir))?;
            let open = Arc::new(OpenFile::given(root));
            self.files.open.insert(fd.rep(), open);
            given.push((fd, name));
        }
        Ok(given)
    }
}

impl types::Host for FilesView<'_> {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<types::ErrorCode> {
        error.downcast()
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<types::ErrorCode>> {
        let mut view = WasiFilesystemCtxView {
            ctx: &mut WasiFilesystemCtx::default(),
            table: self.table,
        };
        view.filesystem_error_code(error)
    }
}

impl types::HostDescriptor for FilesView<'_> {
    async fn advise(
        &mut self,
        fd: Resource<Descriptor>,
        offset: types::Filesize,
        len: types::Filesize,
        advice: types::Advice,
    ) -> FsResult<()> {
        self.with(&fd, move |view, fd| {
            now(view.advise(fd, offset, len, advice))
        })
        .await
    }

    async fn sync_data(&mut self, fd: Resource<Descriptor>) -> FsResult<()> {
        self.with(&fd, |view, fd| now(view.sync_data(fd))).await
    }

    async fn get_flags(&mut self, fd: Resource<Descriptor>) -> FsResult<types::DescriptorFlags> {
        self.with(&fd, |view, fd| now(view.get_flags(fd))).await
    }

    async fn get_type(&mut self, fd: Resource<Descriptor>) -> FsResult<types::DescriptorType> {
        self.with(&fd, |view, fd| now(view.get_type(fd))).await
    }

    async fn set_size(&mut self, fd: Resource<Descriptor>, size: types::Filesize) -> FsResult<()> {
        self.with(&fd, move |view, fd| now(view.set_size(fd, size)))
            .await
    }

    async fn set_times(
        &mut self,
        fd: Resource<Descriptor>,
        access: types::NewTimestamp,
        modification: types::NewTimestamp,
    ) -> FsResult<()> {
        self.with(&fd, move |view, fd| {
            now(view.set_times(fd, access, modification))
        })
        .await
    }

    async fn read(
        &mut self,
        fd: Resource<Descriptor>,
        len: types::Filesize,
        offset: types::Filesize,
    ) -> FsResult<(Vec<u8>, bool)> {
        self.with(&fd, move |view, fd| now(view.read(fd, len, offset)))
            .await
    }

    async fn write(
        &mut self,
        fd: Resource<Descriptor>,
        bytes: Vec<u8>,
        offset: types::Filesize,
    ) -> FsResult<types::Filesize> {
        self.with(&fd, move |view, fd| now(view.write(fd, bytes, offset)))
            .await
    }

    async fn read_directory(
        &mut self,
        fd: Resource<Descriptor>,
    ) -> FsResult<Resource<types::DirectoryEntryStream>> {
        let folder = self.get(&fd)?;
        let mut most = SMALL_LISTING;
        self.reserve(most)?;
        let listing = |most| {
            let folder = folder.clone();
            move || list::list(folder, most)
        };
        let mut listed = self.run(listing(most)).await?;
        if let Listing::TooLarge(bytes) = listed {
            // Some names may come meanwhile.
            most = bytes + SMALL_LISTING;
            self.reserve(bytes)?;
            listed = self.run(listing(most)).await?;
        }
        match listed {
            Listing::Done(stream, bytes) => {
                let stream = self.table.push(stream)?;
                self.files.list(stream.rep(), bytes);
                Ok(stream)
            }
            Listing::TooLarge(_) => Err(types::ErrorCode::InsufficientMemory.into()),
        }
    }

    async fn sync(&mut self, fd: Resource<Descriptor>) -> FsResult<()> {
        self.with(&fd, |view, fd| now(view.sync(fd))).await
    }

    async fn create_directory_at(
        &mut self,
        fd: Resource<Descriptor>,
        path: String,
    ) -> FsResult<()> {
        let (folder, root) = self.writable(&fd)?;
        self.run(move || change::make_folder(&root, &folder, &path))
            .await
    }

    async fn stat(&mut self, fd: Resource<Descriptor>) -> FsResult<types::DescriptorStat> {
        self.with(&fd, |view, fd| now(view.stat(fd))).await
    }

    async fn stat_at(
        &mut self,
        fd: Resource<Descriptor>,
        follow: types::PathFlags,
        path: String,
    ) -> FsResult<types::DescriptorStat> {
        self.with(&fd, move |view, fd| now(view.stat_at(fd, follow, path)))
            .await
    }

    async fn set_times_at(
        &mut self,
        fd: Resource<Descriptor>,
        follow: types::PathFlags,
        path: String,
        access: types::NewTimestamp,
        modification: types::NewTimestamp,
    ) -> FsResult<()> {
        let (folder, root) = self.writable(&fd)?;
        let follow = follow.contains(types::PathFlags::SYMLINK_FOLLOW);
        let times = change::times(access, modification);
        self.run(move || change::set_times(&root, &folder, &path, follow, &times))
            .await
    }

    async fn link_at(
        &mut self,
        fd: Resource<Descriptor>,
        follow: types::PathFlags,
        path: String,
        new_fd: Resource<Descriptor>,
        new_path: String,
    ) -> FsResult<()> {
        let (from, to) = (self.writable(&fd)?, self.writable(&new_fd)?);
        if follow.contains(types::PathFlags::SYMLINK_FOLLOW) {
            return Err(types::ErrorCode::Invalid.into());
        }
        self.run(move || change::link((&from.1, &from.0, &path), (&to.1, &to.0, &new_path)))
            .await
    }

    async fn open_at(
        &mut self,
        fd: Resource<Descriptor>,
        follow: types::PathFlags,
        path: String,
        how: types::OpenFlags,
        flags: types::DescriptorFlags,
    ) -> FsResult<Resource<Descriptor>> {
        let (dir, root) = (self.dir(&fd)?, self.opened(&fd)?.root.clone());
        let counted = self.files.calls.account().descriptor();
        let counted = counted.map_err(|exhausted| self.exhausted(exhausted))?;
        let opening = Opening {
            path,
            follow,
            how,
            flags,
        };
        let above = root.clone();
        // Counted until it is closed, also when nobody waits for it any longer.
        let (opened, counted) = self
            .run(move || Ok((open::open(&dir, above.as_deref(), &opening)?, counted)))
            .await?;
        let remote = opened.is_remote.then(|| {
            let file = match &opened.descriptor {
                Descriptor::File(file) => &file.file,
                Descriptor::Dir(dir) => &dir.dir,
            };
            (Arc::clone(file), self.files.calls.clone())
        });
        let open = OpenFile::opened(root, counted, remote);
        let fd = self.table.push(opened.descriptor)?;
        self.files.open.insert(fd.rep(), Arc::new(open));
        Ok(fd)
    }

    fn drop(&mut self, fd: Resource<Descriptor>) -> wasmtime::Result<()> {
        let number = fd.rep();
        self.table.delete(fd)?;
        // Last, since it closes the file in a thread where that may take time.
        self.files.open.remove(&number);
        Ok(())
    }

    async fn readlink_at(&mut self, fd: Resource<Descriptor>, path: String) -> FsResult<String> {
        self.with(&fd, move |view, fd| now(view.readlink_at(fd, path)))
            .await
    }

    async fn remove_directory_at(
        &mut self,
        fd: Resource<Descriptor>,
        path: String,
    ) -> FsResult<()> {
        let (folder, root) = self.writable(&fd)?;
        self.run(move || change::remove_folder(&root, &folder, &path))
            .await
    }

    async fn rename_at(
        &mut self,
        fd: Resource<Descriptor>,
        path: String,
        new_fd: Resource<Descriptor>,
        new_path: String,
    ) -> FsResult<()> {
        let (from, to) = (self.writable(&fd)?, self.writable(&new_fd)?);
        self.run(move || change::rename((&from.1, &from.0, &path), (&to.1, &to.0, &new_path)))
            .await
    }

    async fn symlink_at(
        &mut self,
        fd: Resource<Descriptor>,
        target: String,
        path: String,
    ) -> FsResult<()> {
        let (folder, root) = self.writable(&fd)?;
        self.run(move || change::symlink(&root, &folder, &target, &path))
            .await
    }

    async fn unlink_file_at(&mut self, fd: Resource<Descriptor>, path: String) -> FsResult<()> {
        let (folder, root) = self.writable(&fd)?;
        self.run(move || change::remove_file(&root, &folder, &path))
            .await
    }

    fn read_via_stream(
        &mut self,
        fd: Resource<Descriptor>,
        offset: types::Filesize,
    ) -> FsResult<Resource<DynInputStream>> {
        let file = match self.table.get(&fd)? {
            Descriptor::File(file) => Arc::clone(&file.file),
            Descriptor::Dir(_) => return Err(types::ErrorCode::IsDirectory.into()),
        };
        self.reserve(CHUNK as u64)?;
        let (open, calls) = (self.opened(&fd)?, self.files.calls.clone());
        let stream: DynInputStream = Box::new(FileInput::new(file, calls, open, offset));
        Ok(self.table.push(stream)?)
    }

    fn write_via_stream(
        &mut self,
        fd: Resource<Descriptor>,
        offset: types::Filesize,
    ) -> FsResult<Resource<DynOutputStream>> {
        self.output(&fd, Position::At(offset))
    }

    fn append_via_stream(
        &mut self,
        fd: Resource<Descriptor>,
    ) -> FsResult<Resource<DynOutputStream>> {
        self.output(&fd, Position::End)
    }

    async fn is_same_object(
        &mut self,
        one: Resource<Descriptor>,
        other: Resource<Descriptor>,
    ) -> wasmtime::Result<bool> {
        let other = self.table.get(&other)?.clone();
        let same = self.with(&one, move |view, one| {
            let other = view.table.push(other)?;
            now(async { view.is_same_object(one, other).await.map_err(FsError::trap) })
        });
        Ok(same.await?)
    }

    async fn metadata_hash(
        &mut self,
        fd: Resource<Descriptor>,
    ) -> FsResult<types::MetadataHashValue> {
        self.with(&fd, |view, fd| now(view.metadata_hash(fd))).await
    }

    async fn metadata_hash_at(
        &mut self,
        fd: Resource<Descriptor>,
        follow: types::PathFlags,
        path: String,
    ) -> FsResult<types::MetadataHashValue> {
        self.with(&fd, move |view, fd| {
            now(view.metadata_hash_at(fd, follow, path))
        })
        .await
    }
}

impl types::HostDirectoryEntryStream for FilesView<'_> {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<types::DirectoryEntryStream>,
    ) -> FsResult<Option<types::DirectoryEntry>> {
        let mut view = WasiFilesystemCtxView {
            ctx: &mut WasiFilesystemCtx::default(),
            table: self.table,
        };
        view.read_directory_entry(stream).await
    }

    fn drop(&mut self, stream: Resource<types::DirectoryEntryStream>) -> wasmtime::Result<()> {
        self.files.forget(stream.rep());
        self.table.delete(stream)?;
        Ok(())
    }
}
