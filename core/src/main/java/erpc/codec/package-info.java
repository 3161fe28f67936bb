/** How bodies become objects: protobuf, JSON, raw bytes, and their compression. */
@NullMarked
package erpc.codec;

import org.jspecify.annotations.NullMarked;
