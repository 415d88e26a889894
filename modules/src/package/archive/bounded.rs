//! Unpacking within bounds: whatever the bytes claim, no more is unpacked and no more memory is used than a package may have.

use crate::package::limits::{MAX_RATIO, MAX_TAR_BYTES, MAX_WINDOW_BYTES};
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use std::io::{self, Error, ErrorKind, Read};

/// How much may be unpacked whatever the ratio.
const FREE_BYTES: u64 = 1_048_576;

/// What is inside zstd, as far as it may be unpacked.
pub(super) struct Bounded<'b> {
    decoder: StreamingDecoder<&'b [u8], FrameDecoder>,
    most: u64,
    given: u64,
}

impl<'b> Bounded<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Result<Self, String> {
        let decoder =
            StreamingDecoder::new_with_max_window_size(bytes, MAX_WINDOW_BYTES).map_err(|error| told(&error))?;
        let most = MAX_TAR_BYTES.min(FREE_BYTES + MAX_RATIO * bytes.len() as u64);
        Ok(Self { decoder, most, given: 0 })
    }

    /// Reads what is left, which may be nothing but zeros, and makes sure that nothing comes after it.
    pub(super) fn finish(mut self) -> Result<(), String> {
        let mut block = [0_u8; 8_192];
        loop {
            let read = self.read(&mut block).map_err(|error| error.to_string())?;
            if read == 0 {
                break;
            }
            if block[..read].iter().any(|byte| *byte != 0) {
                return Err("something comes after its last file; get it again, or pack it again".to_owned());
            }
        }
        match self.decoder.into_inner().len() {
            0 => Ok(()),
            bytes => Err(format!("{bytes} bytes come after its end; get it again, or pack it again")),
        }
    }
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(buffer)?;
        self.given += read as u64;
        match self.given > self.most {
            true => {
                let message =
                    format!("it unpacks to more than {} bytes, which is the most that it may have", self.most);
                Err(Error::new(ErrorKind::FileTooLarge, format!("{message}; leave out what is not needed")))
            }
            false => Ok(read),
        }
    }
}

fn told(error: &FrameDecoderError) -> String {
    match error {
        FrameDecoderError::WindowSizeTooBig { requested, .. } => format!(
            "unpacking it takes a window of {requested} bytes, and {MAX_WINDOW_BYTES} is the most; pack it with module pack"
        ),
        _ => "it is no package: it does not begin like a zstd file; make one with module pack".to_owned(),
    }
}
