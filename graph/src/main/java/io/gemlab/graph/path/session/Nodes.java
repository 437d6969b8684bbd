package io.gemlab.graph.path.session;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.runtime.Tensors;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;

/** Node definitions that a session needs around a traced body. */
final class Nodes {
  private Nodes() {}

  static NodeDef variable(String name, String sharedName, ElementType type, TensorShape shape) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("VarHandleOp")
        .putAttr("dtype", type(type))
        .putAttr("shape", Tensors.attribute(shape))
        .putAttr("shared_name", string(sharedName))
        .build();
  }

  static NodeDef read(String name, String variable, ElementType type) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("ReadVariableOp")
        .addInput(variable)
        .putAttr("dtype", type(type))
        .build();
  }

  static NodeDef cast(String name, String value, ElementType from, ElementType to) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("Cast")
        .addInput(value)
        .putAttr("SrcT", type(from))
        .putAttr("DstT", type(to))
        .build();
  }

  static NodeDef assign(String name, String variable, String value, ElementType type) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("AssignVariableOp")
        .addInput(variable)
        .addInput(value)
        .putAttr("dtype", type(type))
        .build();
  }

  /** Frees a variable's memory, where it has any. */
  static NodeDef destroy(String name, String variable) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("DestroyResourceOp")
        .addInput(variable)
        .putAttr("ignore_lookup_error", flag(true))
        .build();
  }

  static NodeDef placeholder(String name, ElementType type, TensorShape shape) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("Placeholder")
        .putAttr("dtype", type(type))
        .putAttr("shape", Tensors.attribute(shape))
        .build();
  }

  /** A tensor without elements. */
  static NodeDef empty(String name, ElementType type, TensorShape shape) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("Const")
        .putAttr("dtype", type(type))
        .putAttr(
            "value",
            AttrValue.newBuilder()
                .setTensor(
                    TensorProto.newBuilder()
                        .setDtype(Tensors.dataType(type))
                        .setTensorShape(Tensors.proto(shape)))
                .build())
        .build();
  }

  static AttrValue type(ElementType type) {
    return AttrValue.newBuilder().setType(Tensors.dataType(type)).build();
  }

  static AttrValue flag(boolean value) {
    return AttrValue.newBuilder().setB(value).build();
  }

  private static AttrValue string(String value) {
    return AttrValue.newBuilder().setS(com.google.protobuf.ByteString.copyFromUtf8(value)).build();
  }
}
