//! Tiny programs of machine code, for system calls that no shell makes.

/// Where the kernel loads the program.
const BASE: u64 = 0x40_0000;
const HEADERS: usize = 64 + 56;

/// A program under construction.
#[derive(Default)]
pub(super) struct Code(Vec<u8>);

impl Code {
    /// Makes a system call.
    pub(super) fn call(mut self, number: i64, args: &[u64]) -> Self {
        const LOADS: [[u8; 2]; 6] = [
            [0x48, 0xbf], // mov rdi, imm64
            [0x48, 0xbe], // mov rsi, imm64
            [0x48, 0xba], // mov rdx, imm64
            [0x49, 0xba], // mov r10, imm64
            [0x49, 0xb8], // mov r8, imm64
            [0x49, 0xb9], // mov r9, imm64
        ];
        for (load, arg) in LOADS.iter().zip(args) {
            self.0.extend(load);
            self.0.extend(arg.to_le_bytes());
        }
        self.0.extend([0x48, 0xb8]); // mov rax, imm64
        self.0.extend(number.to_le_bytes());
        self.0.extend([0x0f, 0x05]); // syscall
        self
    }

    /// Makes a system call as 32-bit code does.
    pub(super) fn old_call(mut self, number: u32) -> Self {
        self.0.push(0xb8); // mov eax, imm32
        self.0.extend(number.to_le_bytes());
        self.0.extend([0xcd, 0x80]); // int 0x80
        self
    }

    /// Exits with the error number of the last call, 0 when it succeeded.
    pub(super) fn exit_with_error(mut self) -> Vec<u8> {
        self.0.extend([0x31, 0xff]); // xor edi, edi
        self.0.extend([0x85, 0xc0]); // test eax, eax
        self.0.extend([0x79, 0x04]); // jns over the next two
        self.0.extend([0x89, 0xc7]); // mov edi, eax
        self.0.extend([0xf7, 0xdf]); // neg edi
        self.0.extend([0xb8, 0xe7, 0, 0, 0]); // mov eax, exit_group
        self.0.extend([0x0f, 0x05]); // syscall
        self.finish(&[])
    }

    /// Connects a stream socket to an address, as socket 3.
    pub(super) fn connect(address: &[u8; 16]) -> Vec<u8> {
        // The address stands behind the code, whose length does not depend on it.
        let build = |at: u64| {
            Self::default()
                .call(libc::SYS_socket, &[2, 1, 0])
                .call(libc::SYS_connect, &[3, at, 16])
                .exit_with_error()
        };
        let at = BASE + build(0).len() as u64;
        let mut program = build(at);
        program.extend(address);
        program
    }

    /// Puts the headers in front.
    fn finish(self, data: &[u8]) -> Vec<u8> {
        let mut elf = Vec::new();
        elf.extend([0x7f, b'E', b'L', b'F', 2, 1, 1, 0]);
        elf.extend([0; 8]);
        elf.extend(2u16.to_le_bytes()); // an executable
        elf.extend(62u16.to_le_bytes()); // x86_64
        elf.extend(1u32.to_le_bytes());
        elf.extend((BASE + HEADERS as u64).to_le_bytes()); // entry
        elf.extend(64u64.to_le_bytes()); // program headers
        elf.extend(0u64.to_le_bytes()); // section headers
        elf.extend(0u32.to_le_bytes());
        for half in [64u16, 56, 1, 0, 0, 0] {
            elf.extend(half.to_le_bytes());
        }
        elf.extend(1u32.to_le_bytes()); // to load
        elf.extend(5u32.to_le_bytes()); // readable and executable
        elf.extend(0u64.to_le_bytes());
        elf.extend(BASE.to_le_bytes());
        elf.extend(BASE.to_le_bytes());
        elf.extend(4096u64.to_le_bytes());
        elf.extend(4096u64.to_le_bytes());
        elf.extend(4096u64.to_le_bytes());
        elf.extend(self.0);
        elf.extend(data);
        elf
    }
}
