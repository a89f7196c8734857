"""Runs ONNX models by OpenCV: python3 opencv.py BATCH IMAGES MODEL...

IMAGES holds BATCH images of 256 float32. Prints a line per model: its outputs as JSON, or why OpenCV refuses it.
"""
import json
import sys

import cv2
import numpy

batch, images, *models = sys.argv[1:]
blob = numpy.fromfile(images, numpy.float32).reshape(int(batch), 1, 16, 16)
for model in models:
    try:
        network = cv2.dnn.readNetFromONNX(model)
        network.setInput(blob)
        print(json.dumps(network.forward().flatten().tolist()))
    except cv2.error as refusal:
        print(json.dumps(str(refusal)))
