/** Turns descriptions of services into Java: from {@code .proto} files, as protoc has read them. */
@NullMarked
package erpc.codegen;

import org.jspecify.annotations.NullMarked;
