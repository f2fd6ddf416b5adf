// The three files that every program is started with.
#pragma once

namespace basewise::app {

/// Opens /dev/null as standard input, output or error where it is closed, as some services start
/// programs. Otherwise the next file that is opened would take the number, and what is meant for
/// the terminal would be written into it. Call it before anything opens a file.
void open_standard_descriptors();

}  // namespace basewise::app
