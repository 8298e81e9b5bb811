//! `boll:process/streams`.

mod exited;
mod input;
mod output;

use wasmtime::component::Resource;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, subscribe};

use self::exited::Exit;
use self::input::PipeInput;
use self::output::PipeOutput;
use super::CallView;
use crate::bindings::boll::process::children::{Channel, Error};
use crate::bindings::boll::process::streams::Host;
use crate::process::Child;

impl Host for CallView<'_> {
    fn stdin(
        &mut self,
        child: Resource<Child>,
    ) -> wasmtime::Result<Result<Resource<DynOutputStream>, Error>> {
        let pipe = self.table.get(&child)?.take_stdin();
        self.hand_out(pipe.map(|pipe| Box::new(PipeOutput::new(pipe)) as DynOutputStream))
    }

    fn output(
        &mut self,
        child: Resource<Child>,
        channel: Channel,
    ) -> wasmtime::Result<Result<Resource<DynInputStream>, Error>> {
        let pipe = self.table.get(&child)?.take_output(channel.into());
        self.hand_out(pipe.map(|pipe| Box::new(PipeInput::new(pipe)) as DynInputStream))
    }

    fn exited(&mut self, child: Resource<Child>) -> wasmtime::Result<Resource<DynPollable>> {
        let exited = Exit(self.table.get(&child)?.exited());
        let exited = self.table.push(exited)?;
        subscribe(self.table, exited)
    }
}
